using Chasqui.Protocol.Json;
using Chasqui.Server.Accounts;
using Chasqui.Server.Cluster;
using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Health;
using Chasqui.Server.Http;
using Chasqui.Server.Introspection;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Page;
using Chasqui.Server.Presence;
using Chasqui.Server.Storage;
using Chasqui.Server.Tasks;
using Chasqui.Server.Transports;
using Chasqui.Server.Transports.Connections;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Chasqui.Server.Hosting;

/// <summary>The composition root: services and pipeline.</summary>
internal static class ChatServer
{
    /// <summary>
    /// For in-flight requests and closing the database, after the connections have been closed. The host counts from the stop
    /// signal, so the delay of the drain is added.
    /// </summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Received bytes of one connection that nothing has looked at. Longer request heads pass, since their parser looks at what
    /// there is. With the framework's 1 MiB, 3,000 clients that send and do not read take 3 GiB; reading it delays the others.
    /// </summary>
    private const int MaxReadBufferBytes = 16 * 1024;

    /// <summary>Bytes of one connection that wait for its socket; what does not fit waits where it is counted.</summary>
    private const int MaxWriteBufferBytes = 16 * 1024;

    /// <param name="args">The command line.</param>
    /// <param name="clock">The time of a test.</param>
    /// <param name="configure">The services that a test replaces.</param>
    public static WebApplication Build(string[] args, TimeProvider? clock = null, Action<IServiceCollection>? configure = null)
    {
        UnicodeSupport.Require();
        var builder = Begin(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.IgnoreForwardedHeaders();
        builder.SilenceHost();
        builder.Logging.AddEventSourceLogger();
        // So that a JSON log entry names its trace.
        builder.Logging.Configure(logging =>
            logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.PostConfigure<LoggerFilterOptions>(SensitiveLogFilter.Silence);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ServeRenewed(builder.Configuration.GetSection("Kestrel"));
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(HttpDetachment.Offer));
        });
        builder.Services.Configure<SocketTransportOptions>(sockets =>
            (sockets.MaxReadBufferSize, sockets.MaxWriteBufferSize) = (MaxReadBufferBytes, MaxWriteBufferBytes));
        QueryStringFilter.Decorate(builder.Services);

        builder.Services.AddOptions<HostOptions>().Configure<IOptions<DeliveryOptions>>((host, delivery) =>
            host.ShutdownTimeout = ShutdownTimeout + delivery.Value.DrainDelay);
        builder.Services.AddSingleton(clock ?? new SteadyClock(TimeProvider.System));
        builder.Services.AddSingleton<ServerInstance>();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            ChatJson.Configure(options.SerializerOptions);
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, BodyJsonContext.Default);
        });
        builder.Services.AddStorage().AddLimits().AddAccounts().AddChat().AddPresence().AddBackplane();
        builder.Services.AddHealth().AddProblems().AddIntrospection();
        builder.AddTelemetry();
        builder.Services.AddHostedService<StartupLine>();

        configure?.Invoke(builder.Services);
        var app = builder.Build();
        // First what every answer needs, refusals too: the hidden query, headers, the client's address, problem details, and
        // CORS, without which a page could not read a refusal. Then the refusals, the cheapest first: by address before the token
        // is read; by origin and by the drain before a ticket is used up. The limit by user needs the user, the connection limit
        // an allowed one.
        app.Use(QueryStringFilter.RestoreAsync);
        app.Use(SecurityHeaders.SetAsync);
        app.UseTrustedProxies();
        app.UseProblems();
        app.UseChatCors();
        app.UseReadingRate();
        app.UseRunningRequests();
        app.UseRequestLimitByAddress();
        app.UseOrigins();
        app.UseDrain();
        app.Use(SocketUpgrade.InstallAsync);
        app.UseWebSockets();
        app.UseAuthentication();
        app.UseRequestLimitByUser();
        app.UseAuthorization();
        app.UseWorkLimit();
        app.UseConnectionLimit();
        app.UseRequestChecks();

        var api = app.MapGroup("/api").RequireAuthorization().RefusesCommonErrors();
        api.MapAccounts();
        api.MapTokens();
        api.MapUsers();
        api.MapTasks();
        api.MapBlocks();
        api.MapConversations();
        api.MapMembers();
        api.MapMessages();
        api.MapMessageChanges();
        api.MapPresence();
        api.MapProtocol();
        app.MapRawChat();
        app.MapSignalRChat();
        app.MapHealth();
        app.MapIntrospection();
        app.MapPage();
        return app;
    }

    /// <summary>The configuration that <see cref="Build"/> would use.</summary>
    public static IConfiguration Configuration(string[] args) => Begin(args).Configuration;

    /// <summary>
    /// Reads appsettings.json from the folder of the program, not from the current one. A slim builder: the full one adds HTTP/3,
    /// IIS and debug logs, which cost time at start and are not used.
    /// </summary>
    private static WebApplicationBuilder Begin(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // Settings are read once: watching their files takes inotify instances, of which a machine can be short.
            Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"],
            ContentRootPath = AppContext.BaseDirectory,
        });
        ListenAddresses.Configure(builder.Configuration);
        builder.HonourConsoleFormatter();
        return builder;
    }
}
