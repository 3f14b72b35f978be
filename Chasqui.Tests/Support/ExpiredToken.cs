namespace Chasqui.Tests.Support;

public static class ExpiredToken
{
    /// <summary>The person's token, good in everything but its time.</summary>
    public static string For(TestServer server, Person person) => ExpiringAt(server, person, DateTimeOffset.UtcNow.AddSeconds(-1));

    /// <summary>The person's token with another end.</summary>
    public static string ExpiringAt(TestServer server, Person person, DateTimeOffset end) =>
        Jwt.With(person.Token, "exp", end.ToUnixTimeSeconds(), Database.SigningKeys(server)[0]);
}
