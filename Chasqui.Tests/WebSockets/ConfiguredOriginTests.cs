using System.Net.WebSockets;
using Chasqui.Server.WebSockets;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.WebSockets;

public sealed class ConfiguredOriginTests
{
    [Fact]
    public async Task A_configured_list_takes_the_place_of_localhost()
    {
        var server = new TestServer();
        try
        {
            await server.StartAsync("--Cors:AllowedOrigins:0", "https://chat.example.org", "--Cors:AllowedOrigins:1", "http://b.example:81");
            using var ana = await server.PersonAsync();
            foreach (var origin in new[] { "https://chat.example.org", "http://b.example:81" })
            {
                await using var client = await RawClient.ConnectAsync(server, ana.Token, origin);
                await client.PingAsync();
            }

            foreach (var origin in new[] { "http://localhost:3000", "http://chat.example.org", "https://chat.example.org:444", "null" })
            {
                var refused = await Assert.ThrowsAsync<WebSocketException>(() => RawClient.ConnectAsync(server, ana.Token, origin));
                Assert.Contains("403", refused.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("chat.example.org")]
    [InlineData("https://chat.example.org/")]
    [InlineData("https://chat.example.org/app")]
    [InlineData("*")]
    public void A_configured_origin_that_is_none_names_itself(string origin) =>
        Assert.Contains($"'{origin}'", Assert.Single(new CorsOptions { AllowedOrigins = [origin] }.Problems()), StringComparison.Ordinal);
}
