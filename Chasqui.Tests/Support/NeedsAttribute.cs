using System.Reflection;
using Xunit.v3;

namespace Chasqui.Tests.Support;

/// <summary>A test, or a class of tests, that needs programs of the machine. Without them it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsAttribute(params string[] needs) : BeforeAfterTestAttribute
{
    public IReadOnlyList<string> Needs => needs;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        foreach (var need in needs)
        {
            if (Need.Problem(need) is { } problem)
            {
                Assert.Skip(problem);
            }
        }
    }
}

/// <summary>A class of tests that need PostgreSQL. <c>--filter Store=Postgres</c> finds them.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PostgresTestsAttribute : BeforeAfterTestAttribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Store", "Postgres")];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Postgres.Problem is { } problem)
        {
            Assert.Skip(problem);
        }
    }
}

/// <summary>Long tests. <c>dotnet test</c> leaves them out (<c>quick.runsettings</c>), <c>.ci/run</c> runs them.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class FullTierAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Tier", "Full")];
}
