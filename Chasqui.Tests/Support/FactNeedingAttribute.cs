namespace Chasqui.Tests.Support;

/// <summary>A test that drives programs of the machine; where one of them is missing, it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactNeedingAttribute : FactAttribute
{
    public FactNeedingAttribute(params string[] tools)
    {
        Tools = tools;
        if (tools.Where(tool => Programs.Find(tool) is null).ToArray() is { Length: > 0 } missing)
        {
            Skip = $"Needs {string.Join(", ", missing)}";
        }
    }

    public IReadOnlyList<string> Tools { get; }

    /// <summary>Whether it needs root, too.</summary>
    public bool Root
    {
        get;
        set
        {
            field = value;
            Skip ??= value && !Environment.IsPrivilegedProcess ? "Needs root" : null;
        }
    }
}
