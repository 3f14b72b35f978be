using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Chasqui.Protocol;
using Chasqui.Server.Transports.SignalR;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Authorization;

/// <summary>The matrix has a row for everything that the server serves, and no other row.</summary>
public sealed class CompletenessTests(TestServer server) : IClassFixture<TestServer>
{
    private IReadOnlyList<RouteEndpoint> Endpoints =>
        [.. server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    [Fact]
    public void EveryEndpointHasARowAndEveryRowAnEndpoint()
    {
        var rows = MatrixTable.Rows(Matrix.Endpoints).Concat(MatrixTable.Rows(Matrix.Handshakes))
            .Select(row => (Call: row.First, Served: Find(row.First)))
            .ToArray();

        Assert.Empty(rows.Where(row => row.Served is null).Select(row => row.Call));
        Assert.Empty(Endpoints.SelectMany(Names).Except(rows.Select(row => Name(row.Served!.Value))));
    }

    [Fact]
    public void EveryFrameHasARowAndEveryRowAFrame()
    {
        var rows = MatrixTable.Rows(Matrix.Frames).Select(row => JsonNode.Parse(row.First)!.Text("type")).Distinct().Order();
        var constants = typeof(FrameTypes).GetFields().Select(type => (string)type.GetRawConstantValue()!).Order();
        var read = typeof(ClientFrame).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(type => (string)type.TypeDiscriminator!).Order();

        Assert.Equal(constants, rows);
        Assert.Equal(read, rows);
    }

    [Fact]
    public void EveryHubMethodHasARowAndEveryRowAMethod()
    {
        var rows = MatrixTable.Rows(Matrix.HubMethods).Select(row => row.First).Distinct().Order();
        // What SignalR exposes: every public method that the framework's own classes do not declare.
        var exposed = typeof(ChatHub).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.GetBaseDefinition().DeclaringType!.Assembly == typeof(ChatHub).Assembly)
            .Select(method => method.GetCustomAttribute<HubMethodNameAttribute>()?.Name ?? method.Name)
            .Distinct()
            .Order();

        Assert.Equal(exposed, rows);
        Assert.Subset(rows.ToHashSet(), typeof(IChatHub).GetMethods().Select(method => method.Name).ToHashSet());
    }

    /// <summary>The endpoint that a call reaches: of all that match, the one whose path says most.</summary>
    private (RouteEndpoint Endpoint, string Method)? Find(string call)
    {
        var (method, path) = (call.Split(' ')[0], call.Split(' ')[1].Split('?')[0]);
        return Endpoints
            .Where(endpoint => Methods(endpoint) is var taken && (taken.Count == 0 || taken.Contains(method)))
            .Where(endpoint => new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), []).TryMatch(path, []))
            .MinBy(endpoint => endpoint.RoutePattern.InboundPrecedence) is { } found
            ? (found, method)
            : null;
    }

    private static IEnumerable<string> Names(RouteEndpoint endpoint) =>
        Methods(endpoint).DefaultIfEmpty("").Select(method => Name((endpoint, method)));

    private static string Name((RouteEndpoint Endpoint, string Method) served) =>
        (Methods(served.Endpoint).Count > 0 ? served.Method + " " : "") + served.Endpoint.RoutePattern.RawText;

    /// <summary>The methods that an endpoint takes; none where it takes all.</summary>
    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) =>
        // CONNECT is the handshake of a WebSocket under HTTP/2, to the same end.
        [.. (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(method => method != "CONNECT")];
}
