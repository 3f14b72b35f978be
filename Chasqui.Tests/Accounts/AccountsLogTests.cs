using System.Net.Http.Headers;
using System.Net.Http.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

/// <summary>What the log of a server says of who came in; by default, as an operator starts it.</summary>
public sealed class AccountsLogTests
{
    [Fact]
    public async Task TheLogSaysWhoCameInAndWhoCouldNotAndNotWhatWasTyped()
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(
            folder.Path, null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder.Path, "--Accounts:BcryptCost", "4");
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync()) };
        var (name, typed) = (Names.Next(), "typedbymistake");
        var registered = await http.PostAsJsonAsync("/api/register", new { username = name, email = $"{name}@example.org", password = Person.Password });
        var id = (await registered.ReadAsync(200)).Text("id");
        await (await http.PostAsJsonAsync("/api/login", new { username = name, password = typed })).ReadProblemAsync(401, "invalid_credentials");
        await (await http.PostAsJsonAsync("/api/login", new { username = typed, password = typed })).ReadProblemAsync(401, "invalid_credentials");
        var loggedIn = await http.PostAsJsonAsync("/api/login", new { username = name, password = Person.Password });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await loggedIn.ReadAsync(200)).Text("token"));
        await (await PostAsync("/api/password", new { old_password = typed, new_password = typed })).ReadProblemAsync(403, "wrong_password");
        await (await PostAsync("/api/password", new { old_password = Person.Password, new_password = typed })).ReadAsync(200);
        await (await PostAsync("/api/logout", new { })).ReadAsync(200);
        await LogInAsync();
        await (await PostAsync("/api/logout/all", new { })).ReadAsync(200);
        await LogInAsync();
        var disabled = await Programs.RunServerAsync(folder.Path, "users", "disable", name, "--Storage:DataFolder", folder.Path);
        Assert.Equal((0, ""), (disabled.ExitCode, disabled.Errors));
        await (await http.PostAsJsonAsync("/api/login", new { username = name, password = typed })).ReadProblemAsync(401, "account_disabled");
        await server.TerminateAsync();

        var said = server.Output.Split('\n').Where(line => line.Contains("Chasqui.Server.Accounts", StringComparison.Ordinal)).ToArray();
        Assert.All(said, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: ", line));
        Assert.Equal(
            [
                $"{id} registered from 127.0.0.1",
                $"A wrong password for {id} came from 127.0.0.1",
                "A password for an unknown account came from 127.0.0.1",
                $"{id} logged in from 127.0.0.1",
                $"A wrong password for {id} came from 127.0.0.1",
                $"{id} changed the password from 127.0.0.1",
                $"{id} logged out",
                $"{id} logged in from 127.0.0.1",
                $"{id} logged out everywhere",
                $"{id} logged in from 127.0.0.1",
                $"{id} is disabled and could not log in from 127.0.0.1",
            ],
            said.Select(line => line.Split("] ", 2)[1].TrimEnd()));
        Assert.DoesNotContain(typed, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(name, server.Output, StringComparison.Ordinal);

        Task<HttpResponseMessage> PostAsync(string path, object body) => http.PostAsJsonAsync(path, body);

        async Task LogInAsync()
        {
            var answer = await http.PostAsJsonAsync("/api/login", new { username = name, password = typed });
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.ReadAsync(200)).Text("token"));
        }
    }
}
