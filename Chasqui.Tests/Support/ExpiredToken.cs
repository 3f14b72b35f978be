using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

public static class ExpiredToken
{
    /// <summary>A token that the server itself would have given two days ago.</summary>
    public static string For(TestServer server, Person person)
    {
        Assert.True(PrefixedId.TryParse<UserId>(person.Id, out var user));
        return ActivatorUtilities.CreateInstance<Tokens>(server.Services, new TwoDaysAgo()).Mint(user, person.Name);
    }

    private sealed class TwoDaysAgo : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(-2);
    }
}
