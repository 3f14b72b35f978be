namespace Chasqui.Tests.Support;

/// <summary>A bare WebSocket at the hub, for what no SignalR client would send.</summary>
public static class HubSocket
{
    /// <summary>Ends each message of SignalR's JSON protocol.</summary>
    public const char RecordSeparator = '\u001e';

    /// <summary>Connects and says SignalR's handshake.</summary>
    public static async Task<RawClient> ConnectToHubAsync(this Person person, string? origin = null)
    {
        var socket = await RawClient.ConnectAsync(
            new Uri($"{person.Server.WebSocketUrl}/hubs/chat?access_token={person.Token}"), origin);
        await socket.SendRecordAsync("""{"protocol":"json","version":1}""");
        Assert.Equal("{}" + RecordSeparator, await socket.ReceiveTextAsync());
        return socket;
    }

    public static Task SendRecordAsync(this RawClient socket, string json) => socket.SendTextAsync(json + RecordSeparator);

    /// <summary>Invokes a hub method with one argument, as it stands there.</summary>
    public static Task InvokeAsync(this RawClient socket, string method, string argument) => socket.SendRecordAsync(
        $$"""{"type":1,"invocationId":"1","target":"{{method}}","arguments":[{{argument}}]}""");
}
