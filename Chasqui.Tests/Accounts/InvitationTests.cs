using System.Net.Http.Json;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Accounts;

public abstract class InvitationTests(Store store) : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private TestServer _server = null!;
    private HttpClient _http = null!;

    private InvitationStore Invitations => _server.Services.GetRequiredService<InvitationStore>();

    public async ValueTask InitializeAsync()
    {
        _server = new TestServer { Store = store, Clock = _clock };
        if (_server.CanStart)
        {
            await StartAsync("invited");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task InvitedServerRegistersHoldersOfAnInvitationOnly()
    {
        var invite = await Invitations.CreateAsync(uses: 2, TimeSpan.FromDays(1));

        await (await RegisterAsync(null)).ReadProblemAsync(403, ErrorCodes.InvitationRequired);
        await (await RegisterAsync(" ")).ReadProblemAsync(403, ErrorCodes.InvitationRequired);
        await (await RegisterAsync("anything")).ReadProblemAsync(403, ErrorCodes.InvitationInvalid);
        await (await RegisterAsync(invite)).ReadAsync(200);
        await (await RegisterAsync(invite)).ReadAsync(200);
        await (await RegisterAsync(invite)).ReadProblemAsync(403, ErrorCodes.InvitationInvalid);
    }

    [Fact]
    public async Task InvitationExpiresAndIsRevoked()
    {
        var (short_, revoked) = (await Invitations.CreateAsync(9, TimeSpan.FromHours(1)), await Invitations.CreateAsync(9, TimeSpan.FromDays(9)));
        await (await RegisterAsync(short_)).ReadAsync(200);
        await (await RegisterAsync(revoked)).ReadAsync(200);

        _clock.Advance(TimeSpan.FromHours(1));
        var id = (await Invitations.ListAsync(CancellationToken.None))[^1].Id;
        Assert.True(await Invitations.RevokeAsync(id));
        Assert.False(await Invitations.RevokeAsync(id));

        await (await RegisterAsync(short_)).ReadProblemAsync(403, ErrorCodes.InvitationInvalid);
        await (await RegisterAsync(revoked)).ReadProblemAsync(403, ErrorCodes.InvitationInvalid);
    }

    [Fact]
    public async Task OfTwoRegistrationsWithAOneUseInvitationOneSucceeds()
    {
        for (var i = 0; i < 5; i++)
        {
            var invite = await Invitations.CreateAsync(uses: 1, TimeSpan.FromDays(1));

            var answers = await Task.WhenAll(RegisterAsync(invite), RegisterAsync(invite), RegisterAsync(invite));

            Assert.Equal([200, 403, 403], answers.Select(answer => (int)answer.StatusCode).Order());
        }
    }

    [Fact]
    public async Task RefusedRegistrationUsesNoInvitation()
    {
        var (first, invite) = (await Invitations.CreateAsync(1, TimeSpan.FromDays(1)), await Invitations.CreateAsync(1, TimeSpan.FromDays(1)));
        var name = Names.Next();
        await (await RegisterAsync(first, name)).ReadAsync(200);

        await (await RegisterAsync(invite, name)).ReadProblemAsync(409, ErrorCodes.UsernameTaken);
        await (await RegisterAsync(invite, "R2D2")).ReadProblemAsync(400, ErrorCodes.InvalidField);

        await (await RegisterAsync(invite)).ReadAsync(200);
    }

    [Fact]
    public async Task InvitationIsStoredAsItsHash()
    {
        var invite = await Invitations.CreateAsync(1, TimeSpan.FromDays(1));

        await using var database = _server.OpenDatabase();
        var hash = await database.QuerySingleAsync<byte[]>("SELECT hash FROM invitations");
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(invite)), hash);
    }

    [Fact]
    public async Task ClosedServerRegistersNoOneAndLogsAccountsIn()
    {
        var invite = await Invitations.CreateAsync(1, TimeSpan.FromDays(1));
        var name = Names.Next();
        await (await RegisterAsync(invite, name)).ReadAsync(200);
        invite = await Invitations.CreateAsync(1, TimeSpan.FromDays(1));

        await StartAsync("closed");

        await (await RegisterAsync(invite)).ReadProblemAsync(403, ErrorCodes.RegistrationClosed);
        await (await _http.PostAsJsonAsync("/api/login", new { username = name, password = Person.Password })).ReadAsync(200);
    }

    [Fact]
    public async Task ServerSaysWhoMayRegister()
    {
        foreach (var mode in new[] { "closed", "open", "invited" })
        {
            await StartAsync(mode);
            Assert.Equal(mode, (await (await _http.GetAsync("/api/protocol")).ReadAsync(200)).Text("registration"));
        }
    }

    [Fact]
    public async Task CommandsMakeListAndRevokeInvitations()
    {
        var lines = (await RunAsync("invites", "create", "--uses", "2", "--days", "3")).Split('\n');
        Assert.EndsWith($"/#invite={lines[0]}", lines[1]);
        await (await RegisterAsync(lines[0])).ReadAsync(200);

        Assert.Matches(@"(?m)^1 +1 +2 +\S+ \S+ +\S+ \S+$", await RunAsync("invites", "list"));
        var invitation = Assert.Single(await Invitations.ListAsync(CancellationToken.None));
        Assert.Equal(TimeSpan.FromDays(3), invitation.ExpiresAt - invitation.CreatedAt);
        await RunAsync("invites", "revoke", "1");
        await (await RegisterAsync(lines[0])).ReadProblemAsync(403, ErrorCodes.InvitationInvalid);

        Assert.Equal(1, (await Programs.RunServerAsync(Path.GetTempPath(), ["invites", "revoke", "1", .. _server.StorageSettings])).ExitCode);
        Assert.Equal(64, (await Programs.RunServerAsync(Path.GetTempPath(), ["invites", "create", "--uses", "0", .. _server.StorageSettings])).ExitCode);
    }

    [Fact]
    public async Task UsersAddMakesAnAccountOnAClosedServer()
    {
        await StartAsync("closed");
        var name = Names.Next();

        Assert.Equal((0, ""), await AddAsync(name, "battery staple"));

        await (await _http.PostAsJsonAsync("/api/login", new { username = name, password = "battery staple" })).ReadAsync(200);
        Assert.Equal((1, $"The username '{name}' is taken."), await AddAsync(name, "battery staple"));
        Assert.Equal(1, (await AddAsync("R2D2", "battery staple")).ExitCode);
        Assert.Equal(1, (await AddAsync(Names.Next(), "short")).ExitCode);
    }

    private async Task<(int ExitCode, string Errors)> AddAsync(string name, string password)
    {
        var ended = await Programs.TypeToServerAsync(
            password + "\n", Path.GetTempPath(), ["users", "add", name, $"{name}@example.org", .. _server.StorageSettings, "--Accounts:BcryptCost", "4"]);
        return (ended.ExitCode, ended.Errors.Trim());
    }

    private async Task<string> RunAsync(params string[] command)
    {
        var ended = await Programs.RunServerAsync(Path.GetTempPath(), [.. command, .. _server.StorageSettings]);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        return ended.Output;
    }

    private async Task StartAsync(string mode)
    {
        _http?.Dispose();
        await _server.StopAsync();
        await _server.StartAsync("--Accounts:Registration", mode);
        _http = _server.Anonymous();
    }

    private Task<HttpResponseMessage> RegisterAsync(string? invite, string? name = null)
    {
        name ??= Names.Next();
        return _http.PostAsJsonAsync("/api/register", new { username = name, email = $"{name}@example.org", password = Person.Password, invite });
    }
}

public sealed class SqliteInvitationTests() : InvitationTests(Store.Sqlite);

[PostgresTests]
[FullTier]
public sealed class PostgresInvitationTests() : InvitationTests(Store.Postgres);
