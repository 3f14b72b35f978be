using System.Net.WebSockets;
using Chasqui.Server.Delivery;
using Chasqui.Server.Transports.Connections;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Accounts;

/// <summary>Sockets at the hub that have not said SignalR's handshake, and perhaps never will.</summary>
public abstract class PendingHandshakeTests(TestServer server)
{
    /// <summary>No slow machine closes a connection for its missing handshake before the test does for another reason.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact]
    public async Task EndedTokenClosesPendingHandshakeWith4401()
    {
        using var ana = await server.PersonAsync();
        server.SetHandshakeTimeout(Never);
        await using var socket = await ConnectAsync(ana);

        await (await ana.PostAsync("/api/logout", new { })).ReadAsync(200);

        Assert.Equal(4401, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task ExpiredTokenClosesPendingHandshakeWith4401()
    {
        var clock = new TestClock();
        await using var brief = new TestServer { Store = server.Store, Clock = clock };
        await brief.StartAsync("--Accounts:TokenLifetime", "00:01:00");
        using var ana = await brief.PersonAsync();
        brief.SetHandshakeTimeout(Never);
        await using var socket = await ConnectAsync(ana);

        clock.Advance(TimeSpan.FromSeconds(62));

        Assert.Equal(4401, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task DisabledAccountClosesPendingHandshakeWith4403()
    {
        using var ana = await server.PersonAsync();
        server.SetHandshakeTimeout(Never);
        await using var socket = await ConnectAsync(ana);

        await DisableAsync(ana);

        Assert.Equal(4403, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task ConnectionWithoutHandshakeIsClosed()
    {
        await using var fresh = new TestServer { Store = server.Store };
        await fresh.StartAsync();
        using var ana = await fresh.PersonAsync();

        Assert.Equal(TimeSpan.FromSeconds(5), fresh.SetHandshakeTimeout(TimeSpan.FromMilliseconds(100)));
        await using var socket = await ConnectAsync(ana);

        Assert.Equal((int)WebSocketCloseStatus.NormalClosure, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(false, 4401)]
    [InlineData(true, 4403)]
    public async Task TokenEndedAfterItsCheckIsNotServed(bool isDisabled, int code)
    {
        using var ana = await server.PersonAsync();
        var token = Jwt.Payload(ana.Token);
        var openedWith = new ConnectionCredentials(
            new(Guid.Parse(token.Text("sub"))), Guid.Parse(token.Text("jti")), token["exp"]!.GetValue<long>());
        var connection = new ClientConnection(() => { })
        {
            Output = new ConnectionOutput((_, _) => ValueTask.CompletedTask, 1, _ => { }),
            Frames = null,
            IsRaw = false,
            Credentials = openedWith,
        };
        if (isDisabled)
        {
            await DisableAsync(ana);
        }
        else
        {
            await (await ana.PostAsync("/api/logout", new { })).ReadAsync(200);
        }

        var isServed = false;
        await server.Services.GetRequiredService<ConnectionServer>().ServeAsync(connection, () =>
        {
            isServed = true;
            return Task.CompletedTask;
        });

        Assert.Equal((false, code), (isServed, connection.End?.Code));
    }

    private static Task<RawClient> ConnectAsync(Person person) =>
        RawClient.ConnectAsync(new Uri($"{person.Server.WebSocketUrl}/hubs/chat?access_token={person.Token}"));

    private static async Task DisableAsync(Person person)
    {
        var disabled = await Programs.RunServerAsync(
            person.Server.DataFolder, ["users", "disable", person.Id, .. person.Server.StorageSettings]);
        Assert.True(disabled.ExitCode == 0, disabled.Errors);
    }
}

public sealed class SqlitePendingHandshakeTests(TestServer server) : PendingHandshakeTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresPendingHandshakeTests(PostgresServer server) : PendingHandshakeTests(server), IClassFixture<PostgresServer>;
