using Chasqui.Protocol;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

/// <summary>Two people who mean well, one on each transport: what either says reaches both.</summary>
internal sealed class HealthyChat
{
    private readonly Uri _server;
    private readonly Account[] _people;
    private readonly Room _room;
    private int _said;

    private HealthyChat(Uri server, Account[] people, Room room) => (_server, _people, _room) = (server, people, room);

    public static async Task<HealthyChat> BeginAsync(Uri server, Api api)
    {
        Account[] people = [await api.RegisterAsync(), await api.RegisterAsync()];
        return new HealthyChat(server, people, await api.OpenRoomAsync(people));
    }

    /// <summary>Connects, joins, and says something on each transport.</summary>
    public async Task RunAsync()
    {
        using var deadline = new CancellationTokenSource(FuzzedConnection.Deadline);
        await using var raw = await RawSocket.ConnectAsync(_server, _people[0].Token, hello: false, deadline.Token);
        await using var hub = await SignalRSocket.ConnectAsync(_server, _people[1].Token, deadline.Token);
        foreach (var socket in new[] { raw, hub })
        {
            await socket.JoinAsync(_room.Conversation, 0, long.MaxValue);
            await ReceiveAsync(socket, received => received is Ack, deadline.Token);
        }

        foreach (var speaker in new[] { raw, hub })
        {
            var key = new MessageKey(speaker == raw ? 0 : 1, _said++);
            await speaker.SendMessageAsync(_room.Conversation, key);
            await ReceiveAsync(raw, received => IsOf(received, key), deadline.Token);
            await ReceiveAsync(hub, received => IsOf(received, key), deadline.Token);
        }
    }

    /// <summary>Goes on until it is told that it is enough.</summary>
    public async Task RunUntilAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await RunAsync();
        }
    }

    private static bool IsOf(ServerEvent received, MessageKey key) =>
        received is NewMessage { Message.Content: var content } && content == Contents.Of(key);

    private static async Task ReceiveAsync(ChatSocket socket, Func<ServerEvent, bool> isIt, CancellationToken deadline)
    {
        while (!isIt(await socket.ReceiveAsync().AsTask().WaitAsync(deadline)))
        {
        }
    }
}
