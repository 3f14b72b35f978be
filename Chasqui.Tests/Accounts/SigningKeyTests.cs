using System.Net.Http.Headers;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

public sealed class SigningKeyTests
{
    [Fact]
    public async Task TheServerMakesA256BitKeyThatOnlyItsUserCanRead()
    {
        await using var server = new TestServer();
        await server.StartAsync();

        var file = Path.Combine(server.DataFolder, "signing.key");
        Assert.Equal(32, Convert.FromBase64String(await File.ReadAllTextAsync(file)).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task ATokenStaysGoodOverARestart()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var person = await server.PersonAsync();

        await server.StopAsync();
        await server.StartAsync();

        await (await ListTasksAsync(server, person.Token)).ReadAsync(200);
    }

    [Fact]
    public async Task EachServerMakesItsOwnKey()
    {
        await using var one = new TestServer();
        await using var other = new TestServer();
        await one.StartAsync();
        await other.StartAsync();
        using var person = await one.PersonAsync();

        await (await ListTasksAsync(other, person.Token)).ReadProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task AConfiguredKeySignsTheTokensAndNoFileIsMade()
    {
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        await using var server = new TestServer();
        await server.StartAsync("--Accounts:SigningKey", Convert.ToBase64String(key));
        using var person = await server.PersonAsync();

        Assert.Equal(person.Token, Jwt.Sign(Jwt.Header(person.Token), Jwt.Payload(person.Token), key));
        Assert.False(File.Exists(Path.Combine(server.DataFolder, "signing.key")));
    }

    [Fact]
    public async Task AConfiguredLifetimeIsTheTokens()
    {
        await using var server = new TestServer();
        await server.StartAsync("--Accounts:TokenLifetime", "00:20:00");
        using var person = await server.PersonAsync();

        var claims = Jwt.Payload(person.Token);
        Assert.Equal(1200, claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    public async Task AKeyFileThatHoldsNoKeyRefusesToStartAndIsKept(string content)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "signing.key");
        await File.WriteAllTextAsync(file, content);

        Assert.Contains(file, await ServerProcess.RefusalAsync(folder.Path), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(file));
    }

    private static async Task<HttpResponseMessage> ListTasksAsync(TestServer server, string token)
    {
        using var http = server.Anonymous();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.GetAsync("/api/tasks");
    }
}
