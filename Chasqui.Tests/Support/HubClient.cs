using System.Threading.Channels;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>A SignalR client, set up as the README says.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private readonly Channel<ServerEvent> _events = Channel.CreateUnbounded<ServerEvent>();

    private HubClient(HubConnection connection)
    {
        Connection = connection;
        On<NewMessage>();
        On<ConversationCreated>();
        On<ConversationUpdated>();
        On<Closing>();
    }

    public HubConnection Connection { get; }

    public static async Task<HubClient> ConnectAsync(TestServer server, string token)
    {
        var client = new HubClient(new HubConnectionBuilder()
            .WithUrl(server.Url + "/hubs/chat", options => options.AccessTokenProvider = () => Task.FromResult<string?>(token))
            .AddJsonProtocol(options => ChatJson.Configure(options.PayloadSerializerOptions))
            .Build());
        await client.Connection.StartAsync();
        return client;
    }

    public Task<Ack> JoinAsync(string conversation, long? after = null) =>
        Connection.InvokeAsync<Ack>(nameof(IChatHub.Join), new Join { ConversationId = Id(conversation), After = after });

    public Task<Ack> LeaveAsync(string conversation) =>
        Connection.InvokeAsync<Ack>(nameof(IChatHub.Leave), new Leave { ConversationId = Id(conversation) });

    public Task<Ack> SendAsync(string conversation, string content, string? clientMessageId = null) =>
        Connection.InvokeAsync<Ack>(
            nameof(IChatHub.SendMessage),
            new SendMessage { ConversationId = Id(conversation), Content = content, ClientMessageId = clientMessageId });

    /// <summary>The next event of any kind.</summary>
    public async Task<ServerEvent> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        return await _events.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>The next event, which has to be of this kind.</summary>
    public async Task<TEvent> ReceiveAsync<TEvent>()
        where TEvent : ServerEvent => Assert.IsType<TEvent>(await ReceiveAsync());

    /// <summary>What has come so far; an answered invocation stands behind everything that was sent before it.</summary>
    public IReadOnlyList<ServerEvent> TakeReceived()
    {
        var received = new List<ServerEvent>();
        while (_events.Reader.TryRead(out var next))
        {
            received.Add(next);
        }

        return received;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static ConversationId Id(string conversation) =>
        PrefixedId.TryParse<ConversationId>(conversation, out var id) ? id : throw new ArgumentException(conversation);

    private void On<TEvent>()
        where TEvent : ServerEvent =>
        Connection.On<TEvent>(typeof(TEvent).Name, received => _events.Writer.TryWrite(received));
}
