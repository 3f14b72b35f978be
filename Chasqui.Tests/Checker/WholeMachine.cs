namespace Chasqui.Tests.Checker;

/// <summary>The checker uses the whole machine: nothing runs beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeMachine
{
    public const string Name = "Whole machine";
}
