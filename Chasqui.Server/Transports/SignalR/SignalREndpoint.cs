using System.Buffers;
using System.IO.Pipelines;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Delivery;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>The door of SignalR clients: the stock transports, with the output that waits for no slow reader.</summary>
internal static class SignalREndpoint
{
    public const string Path = "/hubs/chat";

    /// <summary>What a long-polling client posts at once: whatever has gathered, and then one invocation more.</summary>
    private const int PostBytesPerFrameByte = 4;

    /// <summary>A poll gets no pings; proxies give up on an answer after a minute, mostly, and SignalR would take a minute and a half.</summary>
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    public static void MapSignalRChat(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value;
        var owners = app.Services.GetRequiredService<NegotiatedConnections>();
        var server = app.Services.GetRequiredService<ConnectionServer>();
        // Where routing has found the door; it takes the path with a slash at its end, too.
        app.UseWhen(http => http.GetEndpoint() is not null && http.Request.Path.StartsWithSegments(Path), door => door.Use((http, next) =>
        {
            WebSocketCloseCodes.Install(http);
            return next(http);
        }));
        app.MapConnections(
                Path,
                new HttpConnectionDispatcherOptions { LongPolling = { PollTimeout = PollTimeout } },
                connection => connection.Use(owners.Keep).UseConnectionOutput(server).UseHubWhenNeeded())
            .RequireAuthorization()
            .WithMetadata(new TransportEndpoint("access_token", NegotiatedConnections.NameParameter), new RequestSizeLimitAttribute((long)PostBytesPerFrameByte * limits.MaxFrameBytes));
    }

    /// <summary>The hub is made when the first client comes: SignalR compiles its methods, and nothing else of the server needs them.</summary>
    private static void UseHubWhenNeeded(this IConnectionBuilder builder)
    {
        var hub = new Lazy<ConnectionDelegate>(() => new ConnectionBuilder(builder.ApplicationServices).UseHub<ChatHub>().Build());
        builder.Run(connection => hub.Value(connection));
    }

    private static IConnectionBuilder UseConnectionOutput(this IConnectionBuilder builder, ConnectionServer server)
    {
        var limit = builder.ApplicationServices.GetRequiredService<IOptions<DeliveryOptions>>().Value.MaxQueuedBytesPerConnection;
        var limits = builder.ApplicationServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        var clock = builder.ApplicationServices.GetRequiredService<TimeProvider>();
        var logger = builder.ApplicationServices.GetRequiredService<ILogger<ConnectionOutput>>();
        return builder.Use(next => connection =>
            RunAsync(connection, next, server, limit, limits, limits.NewAllowance(limits.FramesPer10s, clock), logger));
    }

    private static async Task RunAsync(
        ConnectionContext connection, ConnectionDelegate next, ConnectionServer server, long limit, LimitOptions limits,
        Allowance? frames, ILogger logger)
    {
        var transport = connection.Transport;
        var http = connection.GetHttpContext()!;
        ClientConnection control = null!;
        var output = new ConnectionOutput(
            (piece, more) => SendAsync(transport.Output, piece, more),
            limit,
            end => control.Close(end == OutputFailure.TooSlow ? CloseReason.TooSlow : CloseReason.InternalError));
        control = new ClientConnection(transport.Input.CancelPendingRead, limits.MaxJoinedConversations)
        {
            Output = output,
            Frames = frames,
            IsRaw = false,
            Credentials = ConnectionCredentials.Of(http.User),
        };
        connection.Features.Set(control);
        if (http.Features.Get<WebSocketCloseCodes>() is { } codes)
        {
            codes.Close = () => control.End is { HasOwnCode: true } end ? (end.Code, end.Reason) : null;
        }

        http.Features.Get<SocketUpgrade>()?.Serve(control);
        connection.Transport = new DuplexPipe(frames is null ? transport.Input : new FrameCountingReader(transport.Input, control), output);
        try
        {
            await server.ServeAsync(control, () => next(connection));
            if (control.End == CloseReason.TooSlow)
            {
                DeliveryLog.TooSlow(logger, connection.ConnectionId);
            }

            await output.WhenDrainedAsync().WaitAsync(DrainTimeout);
        }
        catch (TimeoutException)
        {
            // It reads too slowly even for a goodbye.
        }
        finally
        {
            output.End();
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
