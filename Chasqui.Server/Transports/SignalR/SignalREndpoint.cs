using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.Connections;
using Microsoft.AspNetCore.Http.Connections;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>SignalR's own transports, with an output that does not wait for a slow reader.</summary>
internal static class SignalREndpoint
{
    public const string Path = "/hubs/chat";

    /// <summary>A long-polling client posts all pending invocations at once, and then one more.</summary>
    private const int PostBytesPerFrameByte = 4;

    /// <summary>What waits in each of SignalR's two buffers; a longer record passes through in parts.</summary>
    private const int BufferBytes = 16 * 1024;

    /// <summary>A poll has no pings. Most proxies give up after 60 s; SignalR's default is 90 s.</summary>
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    public static void MapSignalRChat(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value;
        var owners = app.Services.GetRequiredService<NegotiatedConnections>();
        var server = app.Services.GetRequiredService<ConnectionServer>();
        var requests = app.Services.GetRequiredService<RunningRequests>();
        // Only where routing has found the endpoint: it accepts the path with a slash at its end too.
        app.UseWhen(
            http => http.GetEndpoint() is not null && http.Request.Path.StartsWithSegments(Path),
            hub => hub.Use((http, next) =>
            {
                WebSocketCloseCodes.Install(http);
                return next(http);
            }));
        app.MapConnections(
                Path,
                new HttpConnectionDispatcherOptions
                {
                    LongPolling = { PollTimeout = PollTimeout },
                    ApplicationMaxBufferSize = BufferBytes,
                    TransportMaxBufferSize = BufferBytes,
                },
                connection => connection
                    .Use(owners.Keep).Use(next => client => RunAsync(client, next, server, requests)).UseHubWhenNeeded())
            .RequireAuthorization()
            .WithMetadata(
                new TransportEndpoint("access_token", NegotiatedConnections.NameParameter),
                new RequestSizeLimitAttribute((long)PostBytesPerFrameByte * limits.MaxFrameBytes));
    }

    /// <summary>
    /// Builds the hub's pipeline for the first client: SignalR compiles the hub's methods then, and the start need not wait.
    /// </summary>
    private static void UseHubWhenNeeded(this IConnectionBuilder builder)
    {
        var hub = new Lazy<ConnectionDelegate>(() => new ConnectionBuilder(builder.ApplicationServices).UseHub<ChatHub>().Build());
        builder.Run(connection => hub.Value(connection));
    }

    private static async Task RunAsync(
        ConnectionContext connection, ConnectionDelegate next, ConnectionServer server, RunningRequests requests)
    {
        var transport = connection.Transport;
        var http = connection.GetHttpContext()!;
        var client = server.Open(
            (piece, more) => SendAsync(transport.Output, piece, more), transport.Input.CancelPendingRead, http.User, isRaw: false);
        connection.Features.Set(client);
        if (http.Features.Get<WebSocketCloseCodes>() is { } codes)
        {
            codes.Close = () => client.End is { HasOwnCode: true } end ? (end.Code, end.Reason) : null;
        }

        http.Features.Get<SocketUpgrade>()?.Serve(client);
        requests.OnConnected(http);
        client.HandshakeBytes = RunningRequests.HeaderBytes(http.Request.Headers);
        connection.Transport = new DuplexPipe(new FrameCountingReader(transport.Input, client), client.Output);
        try
        {
            await server.ServeAsync(client, () => next(connection));
            await client.Output.WhenDrainedAsync().WaitAsync(DrainTimeout);
        }
        catch (TimeoutException)
        {
            // The client reads too slowly to get the last events.
        }
        finally
        {
            client.Output.End();
            connection.Transport = transport;
        }
    }

    private static async ValueTask SendAsync(PipeWriter output, ReadOnlyMemory<byte> piece, bool more)
    {
        output.Write(piece.Span);
        if (!more)
        {
            await output.FlushAsync();
        }
    }
}
