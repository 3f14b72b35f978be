using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.FrameworkWorkarounds;

/// <summary>The exceptions of the framework still have the form that is read.</summary>
public sealed class JsonErrorTextTests
{
    [Theory]
    [InlineData("{", ErrorCodes.InvalidJson, "The body is not valid JSON")]
    [InlineData("{}", ErrorCodes.InvalidField, "The field 'conversation_id' is missing")]
    [InlineData("""{"conversation_id":1}""", ErrorCodes.InvalidField, "The field 'conversation_id' has the wrong type or form")]
    [InlineData("[]", ErrorCodes.InvalidJson, "The body must be one JSON object")]
    public void DeserializationFailureNamesTheField(string json, string code, string sentence)
    {
        var options = new JsonSerializerOptions();
        ChatJson.Configure(options);

        var failure = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Leave>(json, options));

        Assert.Equal((code, sentence), JsonErrorText.Of(failure));
    }

    [Theory]
    [InlineData("GET", "/?limit=x", ErrorCodes.InvalidField, "The parameter 'limit' is missing or has the wrong form")]
    [InlineData("GET", "/", ErrorCodes.InvalidField, "The parameter 'limit' is missing or has the wrong form")]
    [InlineData("POST", "/", ErrorCodes.InvalidJson, "The body must be one JSON object")]
    public async Task BindingFailureNamesTheParameter(string method, string address, string code, string sentence)
    {
        (string, string?)? refusal = null;
        await using var bare = new BareApp();
        bare.Builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        using var http = await bare.StartAsync(app =>
        {
            app.Use(async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                catch (BadHttpRequestException e)
                {
                    refusal = JsonErrorText.Of(e);
                }
            });
            app.MapGet("/", (int limit) => limit);
            app.MapPost("/", (Dictionary<string, string> body) => body.Count);
        });
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        await http.SendAsync(request);

        Assert.Equal((code, sentence), refusal);
    }
}
