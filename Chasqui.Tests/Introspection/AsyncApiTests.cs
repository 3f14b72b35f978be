using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Delivery;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

public sealed class AsyncApiTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData(typeof(ClientFrame), "receive")]
    [InlineData(typeof(ServerEvent), "send")]
    public async Task EveryFrameAndEventIsDescribedWithItsFieldsAndExamples(Type baseType, string action)
    {
        var document = await SocketDocument.OfAsync(server);
        foreach (var entry in baseType.GetCustomAttributes<JsonDerivedTypeAttribute>())
        {
            var type = (string)entry.TypeDiscriminator!;
            var message = document.Messages[type]!;
            var schema = At(document.Json, message["payload"]!.Text("$ref"));
            var fields = ChatJson.Options.GetTypeInfo(entry.DerivedType).Properties.Where(property => property.Get is not null);

            Assert.NotEmpty(message.Text("summary"));
            Assert.Equal(fields.Select(field => field.Name).Append("type").Distinct().Order(), schema["properties"]!.Fields().Order());
            Assert.All(schema["properties"]!.AsObject(), field => Assert.NotEmpty(field.Value!.Text("description")));
            Assert.Equal(action, document.Json["operations"]![$"{action}_{type}"]!.Text("action"));
            Assert.NotNull(document.Json["channels"]!["chat"]!["messages"]![type]);
            Assert.NotEmpty(message["examples"]!.AsArray());
        }
    }

    [Fact]
    public async Task EveryExampleIsAsItsSchemaSays()
    {
        var document = await SocketDocument.OfAsync(server);

        var problems = document.Messages
            .SelectMany(message => message.Value!["examples"]!.AsArray())
            .Concat(document.Json["x-error-codes"]!.AsArray().Select(code => new JsonObject { ["payload"] = code!["example"]!.DeepClone() }))
            .Select(example => document.Problem(example!["payload"]!.AsObject()));

        Assert.All(problems, Assert.Null);
    }

    [Fact]
    public async Task EveryReferenceLeadsSomewhere()
    {
        var document = (await SocketDocument.OfAsync(server)).Json;

        Assert.All(References(document), reference => Assert.NotNull(At(document, reference)));
    }

    [Fact]
    public async Task EveryHubMethodAndHubEventIsNamed()
    {
        var messages = (await SocketDocument.OfAsync(server)).Messages.Select(message => message.Value!).ToArray();

        Assert.Equal(
            typeof(IChatHub).GetMethods().Select(method => method.Name).Order(),
            messages.Select(message => message["x-hub-method"]?.GetValue<string>()).OfType<string>().Order());
        Assert.Equal(
            // The others answer what only raw clients send.
            typeof(IChatClient).GetMethods().Select(method => method.Name).Except([nameof(Welcome), nameof(Pong)]).Order(),
            messages.Select(message => message["x-hub-event"]?.GetValue<string>()).OfType<string>().Order());
    }

    [Fact]
    public async Task EveryErrorCodeAndCloseCodeIsDescribed()
    {
        var document = (await SocketDocument.OfAsync(server)).Json;
        var errors = document["x-error-codes"]!.AsArray();
        var closes = document["x-close-codes"]!.AsArray();

        Assert.Equal(
            typeof(ErrorCodes).GetFields().Select(code => (string)code.GetRawConstantValue()!).Order(),
            errors.Select(error => error!.Text("code")).Order());
        Assert.All(errors, error => Assert.NotEmpty(error!.Text("description")));
        Assert.Superset(
            typeof(CloseReason).GetFields(BindingFlags.Public | BindingFlags.Static).Select(end => ((CloseReason)end.GetValue(null)!).Code).ToHashSet(),
            closes.Select(close => close!["code"]!.GetValue<int>()).ToHashSet());
        Assert.All(closes, close => Assert.NotEmpty(close!.Text("advice")));
    }

    /// <summary>The address, from the channel and the default of the server's variable, is one that a client can connect to.</summary>
    [Fact]
    public async Task ProtocolDocumentNamesEndpoints()
    {
        var document = (await SocketDocument.OfAsync(server)).Json;
        using var person = await server.PersonAsync();

        var parameter = document["components"]!["securitySchemes"]!["token"]!.Text("name");
        var address = string.Create(CultureInfo.InvariantCulture, $"{server.WebSocketUrl}{document["channels"]!["chat"]!.Text("address")}?{parameter}={person.Token}");
        await using var socket = await RawClient.ConnectAsync(new Uri(address));

        await socket.PingAsync();
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => field.Key == "$ref" ? [field.Value!.GetValue<string>()] : References(field.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static JsonNode At(JsonNode document, string reference) =>
        reference.Split('/')[1..].Aggregate(document, (node, name) => node[name] ?? throw new InvalidOperationException(reference));
}
