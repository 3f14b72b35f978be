using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Presence;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Presence;

internal static class EphemeralClients
{
    /// <summary>Opens a raw socket that gets every event, and joins.</summary>
    public static async Task<RawClient> OptInAsync(this Person person, string? conversation = null)
    {
        var socket = await person.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        await socket.ReceiveAsync("Welcome");
        if (conversation is not null)
        {
            await socket.JoinAsync(conversation);
        }

        return socket;
    }

    /// <summary>
    /// Says that the user types, or stops, and waits for the Ack: those on the same server have been told then.
    /// </summary>
    public static async Task TypeAsync(this RawClient socket, string conversation, bool active = true)
    {
        await socket.SendAsync(new { type = "typing", conversation_id = conversation, active, request_id = "typing" });
        await socket.ReceiveAsync("Ack");
    }

    public static Task SetPresenceAsync(this RawClient socket, string status) => socket.SendAsync(new { type = "presence", status });

    public static async Task RequireTypingAsync(this RawClient socket, Person who, bool active)
    {
        var typing = await socket.ReceiveAsync("Typing");
        Assert.Equal((who.Id, active), (typing.Text("user_id"), typing["active"]!.GetValue<bool>()));
    }

    /// <summary>The next change of presence, which has to be this one. Other events are skipped.</summary>
    public static async Task<JsonObject> RequirePresenceAsync(this RawClient socket, Person who, string status)
    {
        socket.TakesPresence = true;
        var changed = await socket.ReceiveAsync();
        while (changed.Text("type") != nameof(PresenceChanged))
        {
            changed = await socket.ReceiveAsync();
        }

        Assert.Equal((who.Id, status), (changed.Text("user_id"), changed.Text("status")));
        return changed;
    }

    /// <summary>Lets the server tell what has changed.</summary>
    public static void Tick(this TestClock clock) => clock.Advance(PresenceService.Interval);

    public static async Task UntilGoneAsync(this TestServer server, Person person)
    {
        var connections = server.Services.GetRequiredService<ConnectionRegistry>();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (connections.Of(new UserId(Guid.Parse(person.Id["user:".Length..]))).Length > 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
