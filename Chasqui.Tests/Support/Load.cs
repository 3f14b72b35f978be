namespace Chasqui.Tests.Support;

/// <summary>Tests that need the whole machine. They run one after the other, and no other test runs meanwhile.</summary>
[CollectionDefinition(Collection, DisableParallelization = true)]
public sealed class Load
{
    public const string Collection = "Load";
}
