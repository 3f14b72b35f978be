using Microsoft.AspNetCore.Hosting.Server;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Hides the query of every request from the host. Browsers put tokens into it, and the host logs it when a request starts and
/// when it ends (https://github.com/dotnet/AspNetCore.Docs/issues/9424). Operators choose log levels, so a log filter is not
/// enough. The whole query is hidden, not only a <c>token</c>: parameter names can be escaped or misspelt, and search terms are
/// private too.
/// </summary>
internal sealed class QueryStringFilter(IServer server) : IServer
{
    public IFeatureCollection Features => server.Features;

    public static void Decorate(IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer));
        services.Remove(server);
        services.AddSingleton<IServer>(provider =>
            new QueryStringFilter((IServer)ActivatorUtilities.CreateInstance(provider, server.ImplementationType!)));
    }

    /// <summary>The middleware that gives the query to the pipeline, and hides it again before the host logs the end.</summary>
    public static async Task RestoreAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<HiddenQuery>() is not { } query)
        {
            await next(http);
            return;
        }

        http.Request.QueryString = new QueryString(query.Text);
        try
        {
            await next(http);
        }
        finally
        {
            http.Request.QueryString = QueryString.Empty;
        }
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => server.StartAsync(new Application<TContext>(application), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose() => server.Dispose();

    /// <summary>Keeps the host's context type: the server pools it.</summary>
    private sealed class Application<TContext>(IHttpApplication<TContext> application) : IHttpApplication<TContext>
        where TContext : notnull
    {
        public TContext CreateContext(IFeatureCollection contextFeatures)
        {
            var request = contextFeatures.GetRequiredFeature<IHttpRequestFeature>();
            if (request.QueryString.Length > 0)
            {
                contextFeatures.Set(new HiddenQuery(request.QueryString));
                request.QueryString = "";
            }

            return application.CreateContext(contextFeatures);
        }

        public Task ProcessRequestAsync(TContext context) => application.ProcessRequestAsync(context);

        public void DisposeContext(TContext context, Exception? exception) => application.DisposeContext(context, exception);
    }

    private sealed record HiddenQuery(string Text);
}
