using Xunit.Abstractions;
using Xunit.Sdk;

namespace Chasqui.Tests.Support;

/// <summary>
/// A class whose tests need PostgreSQL; where there is none, all of them are skipped and say so (see
/// <see cref="SkippingFramework"/>). They are found with <c>--filter Store=Postgres</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
[TraitDiscoverer("Chasqui.Tests.Support.PostgresTraits", "Chasqui.Tests")]
public sealed class PostgresTestsAttribute : Attribute, ITraitAttribute;

/// <summary>What xunit asks for the traits of such a class.</summary>
public sealed class PostgresTraits : ITraitDiscoverer
{
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Store", "Postgres")];
}
