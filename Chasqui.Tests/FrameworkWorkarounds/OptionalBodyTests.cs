using System.Net;
using System.Net.Http.Headers;
using Chasqui.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class OptionalBodyTests
{
    [Theory]
    [InlineData("/bound", HttpStatusCode.BadRequest)]
    [InlineData("/read", HttpStatusCode.OK)]
    public async Task FrameworkRefusesAnEmptyBodyInChunks(string address, HttpStatusCode status)
    {
        await using var bare = new BareApp();
        using var http = await bare.StartAsync(app =>
        {
            app.MapPost("/bound", (Dictionary<string, string>? body) => body?.Count ?? 0);
            app.MapPost("/read", async (HttpRequest request, CancellationToken cancellationToken) =>
                (await RequestChecks.ReadOptionalAsync<Dictionary<string, string>>(request, cancellationToken))?.Count ?? 0);
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.TransferEncodingChunked = true;
        request.Content = new StringContent("");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Assert.Equal(status, (await http.SendAsync(request)).StatusCode);
    }
}
