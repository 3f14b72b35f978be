using Chasqui.Server.Accounts;
using Chasqui.Server.Cluster;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;
using Chasqui.Server.Telemetry;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Hosting;

/// <summary>Gauges that are read when they are collected; nothing is counted in between.</summary>
internal sealed class StateGauges : IHostedService
{
    private static readonly string[] States = ["off", "connected", "disconnected"];

    private readonly BackplaneOptions _backplane;
    private readonly Peers _peers;

    public StateGauges(
        ConnectionRegistry open, ChatLifetimeManager live, WriteQueue writes, PasswordHashQueue passwords, Peers peers,
        MemoryBudget memory, IDatabase database, IOptions<BackplaneOptions> backplane, IMeterFactory meters)
    {
        (_backplane, _peers) = (backplane.Value, peers);
        var meter = meters.Create(ServerMeter.Name);
        meter.CreateObservableUpDownCounter(
            "chasqui.connections", () => ByTransport(open), "{connection}", "Open connections, by transport.");
        meter.CreateObservableUpDownCounter(
            "chasqui.conversations.joined", () => live.JoinedConversations, "{conversation}",
            "Conversations that at least one connection of this server has joined.");
        meter.CreateObservableCounter(
            "chasqui.deliveries", () => live.Deliveries, "{event}", "Events that were queued for connections.");
        meter.CreateObservableUpDownCounter(
            "chasqui.storage.queue", () => writes.Queued, "{write}", "Writes that wait for a commit.");
        meter.CreateObservableUpDownCounter(
            "chasqui.password.queue", () => passwords.Queued, "{password}", "Passwords that wait to be hashed or checked.");
        meter.CreateObservableUpDownCounter(
            "chasqui.memory.requests", () => memory.RequestBytes, "By", "Buffers of the TCP connections, and bodies of requests.");
        meter.CreateObservableUpDownCounter(
            "chasqui.memory.budget", () => memory.Bytes, "By", "Memory that clients may make the server hold.");
        meter.CreateObservableUpDownCounter(
            "chasqui.backplane.state", State, description: "1 for the state of the backplane: connected, disconnected, or off.");
        meter.CreateObservableUpDownCounter(
            "chasqui.backplane.silent_servers", () => peers.Silent, "{server}", "Other servers that no longer answer.");
        if (database.DatabaseFile is { } file)
        {
            meter.CreateObservableUpDownCounter(
                "chasqui.storage.wal.size", () => Size(file + "-wal"), "By", "The write-ahead log.");
            meter.CreateObservableUpDownCounter(
                "chasqui.storage.database.size", () => Size(file), "By", "The database without its log.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static Measurement<long>[] ByTransport(ConnectionRegistry open)
    {
        var (raw, hub) = open.Count();
        return [new(raw, TransportNames.Tag(TransportNames.Raw)), new(hub, TransportNames.Tag(TransportNames.Hub))];
    }

    private static long Size(string file) => new FileInfo(file) is { Exists: true } found ? found.Length : 0;

    private Measurement<long>[] State()
    {
        var now = _backplane.Redis is null ? "off" : _peers.IsConnected ? "connected" : "disconnected";
        return [.. States.Select(state =>
            new Measurement<long>(state == now ? 1 : 0, new KeyValuePair<string, object?>("state", state)))];
    }
}
