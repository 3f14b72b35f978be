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
using Chasqui.Server.Storage;
using Chasqui.Server.Tasks;
using Chasqui.Server.Transports;
using Chasqui.Server.Transports.Connections;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Hosting;

/// <summary>Puts the server together.</summary>
internal static class ChatServer
{
    /// <summary>
    /// For what is left once the connections have been ended: requests under way, and closing the database. The host counts it from
    /// the moment when it is told to stop, so the delay of the drain comes on top.
    /// </summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What the server holds for each connection of bytes that it has received and not yet processed. More than the longest head
    /// of a request (40 KiB). With the framework's 1 MiB, 3,000 clients that send and do not read take 3 GiB.
    /// </summary>
    private const int MaxReadBufferBytes = 64 * 1024;

    /// <param name="args">The command line.</param>
    /// <param name="clock">The time of a test.</param>
    /// <param name="configure">The services that a test replaces.</param>
    public static WebApplication Build(string[] args, TimeProvider? clock = null, Action<IServiceCollection>? configure = null)
    {
        var builder = Begin(args);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.AddEventSourceLogger();
        // Turned on, the framework would believe everybody who says where a request comes from; see TrustedProxies.
        builder.Configuration.AddInMemoryCollection([new("ForwardedHeaders_Enabled", "false")]);
        // The host throws what it logs, and Program says it in a sentence: no stack traces beside that.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // For what is logged as JSON, so that it is found beside the traces.
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.PostConfigure<LoggerFilterOptions>(SensitiveLogFilter.Silence);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(HttpDetachment.Offer));
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = MaxReadBufferBytes);
        QueryStringFilter.Decorate(builder.Services);

        builder.Services.AddOptions<HostOptions>().Configure<IOptions<DeliveryOptions>>((host, delivery) =>
            host.ShutdownTimeout = ShutdownTimeout + delivery.Value.DrainDelay);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton<ServerInstance>();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            ChatJson.Configure(options.SerializerOptions);
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, BodyJsonContext.Default);
        });
        builder.Services.AddStorage().AddLimits().AddAccounts().AddChat().AddBackplane().AddHealth().AddProblems().AddIntrospection();
        builder.AddTelemetry();
        builder.Services.AddHostedService<StartupLine>();

        configure?.Invoke(builder.Services);
        var app = builder.Build();
        // First what every answer needs, refusals too: the query out of the log, headers, the client's address, problems, and
        // CORS, without which no page could read why it was refused. Then the refusals, the cheapest first: by address before
        // anybody looks at a token, pages and a stopping server before a ticket is used up, and a place for a connection
        // only for whoever may have one. What is limited by user has to follow authentication.
        app.Use(QueryStringFilter.RestoreAsync);
        app.Use(SecurityHeaders.SetAsync);
        app.UseTrustedProxies();
        app.UseProblems();
        app.UseChatCors();
        app.UseReadingRate();
        app.UseRequestLimitByAddress();
        app.UseOrigins();
        app.UseDrain();
        app.Use(SocketUpgrade.InstallAsync);
        app.UseWebSockets();
        app.UseAuthentication();
        app.UseRequestLimitByUser();
        app.UseAuthorization();
        app.UseConnectionLimit();
        app.UseRequestChecks();

        var api = app.MapGroup("/api").RequireAuthorization().RefusesCommonErrors();
        api.MapAccounts();
        api.MapTokens();
        api.MapUsers();
        api.MapTasks();
        api.MapConversations();
        api.MapMessages();
        api.MapProtocol();
        app.MapRawChat();
        app.MapSignalRChat();
        app.MapHealth();
        app.MapIntrospection();
        app.MapPage();
        return app;
    }

    /// <summary>The settings that a server would have, without one.</summary>
    public static IConfiguration Configuration(string[] args) => Begin(args).Configuration;

    /// <summary>
    /// The settings lie beside the program, wherever it is started from. Slim: without what a start pays for and nobody here uses
    /// (HTTP/3, IIS, logs for debuggers).
    /// </summary>
    private static WebApplicationBuilder Begin(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        ListenAddresses.Configure(builder.Configuration);
        // The slim builder's console stays a simple one, whatever the settings say.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(
            console => console.FormatterName = builder.Configuration["Logging:Console:FormatterName"] ?? console.FormatterName);
        return builder;
    }
}
