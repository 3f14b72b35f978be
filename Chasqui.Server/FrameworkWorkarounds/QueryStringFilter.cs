using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// The query of a request while the framework logs it. Browsers put tokens there, and the framework writes every query into
/// the log, at its start and at its end. Log levels are the operator's, so no filter can be trusted with it. Every query is
/// put aside, not only a <c>token</c>: names can be escaped and mistaken, and what people search for is theirs, too.
/// </summary>
internal sealed record QueryStringFilter(string Text)
{
    /// <summary>Puts <see cref="QueryStringFilterServer"/> before the server that is there.</summary>
    public static void Decorate(IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer));
        services.Remove(server);
        services.AddSingleton<IServer>(provider =>
            new QueryStringFilterServer((IServer)ActivatorUtilities.CreateInstance(provider, server.ImplementationType!)));
    }

    public static void PutAside(IFeatureCollection features)
    {
        var request = features.GetRequiredFeature<IHttpRequestFeature>();
        if (request.QueryString.Length > 0)
        {
            features.Set(new QueryStringFilter(request.QueryString));
            request.QueryString = "";
        }
    }

    /// <summary>Gives the query to everything that comes later, and takes it away again at the end.</summary>
    public static Task RestoreAsync(HttpContext http, RequestDelegate next) =>
        http.Features.Get<QueryStringFilter>() is { } query ? query.ServeAsync(http, next) : next(http);

    private async Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        http.Request.QueryString = new QueryString(Text);
        try
        {
            await next(http);
        }
        finally
        {
            http.Request.QueryString = QueryString.Empty;
        }
    }
}
