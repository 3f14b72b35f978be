namespace Chasqui.Tests.Support;

/// <summary>Tests that keep the whole machine busy; they run one after the other, and beside nothing else.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Load
{
    public const string Collection = "Load";
}
