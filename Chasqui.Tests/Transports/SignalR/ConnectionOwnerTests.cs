using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.SignalR;

public sealed class ConnectionOwnerTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("POST", "/hubs/chat")]
    [InlineData("POST", "/hubs/chat/")]
    [InlineData("GET", "/hubs/chat")]
    [InlineData("DELETE", "/hubs/chat")]
    public async Task ForeignConnectionIsAnsweredLikeUnknownConnection(string method, string path)
    {
        using var ana = await server.PersonAsync();
        using var mallory = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        var connection = await LongPolling.OpenAsync(ana);

        using var refused = await CallAsync(mallory, method, $"{path}?id={connection.Name}", Say(room));
        using var missing = await CallAsync(mallory, method, $"{path}?id=AAAAAAAAAAAAAAAAAAAAAA", Say(room));

        Assert.Equal(404, (int)refused.StatusCode);
        Assert.Equal(missing.StatusCode, refused.StatusCode);
        Assert.Equal(await missing.Content.ReadAsStringAsync(), await refused.Content.ReadAsStringAsync());
        Assert.Empty((await ana.GetAsync($"/api/conversations/{room}/messages")).AsArray());
        await connection.SendAsync(Say(room));
        Assert.Contains("\"seq\":1", await connection.PollAsync());
    }

    [Fact]
    public async Task TheUserMayGoOnWithAnotherToken()
    {
        using var ana = await server.PersonAsync();
        using var again = await ana.AgainAsync();
        var room = await ana.OpenGroupAsync();
        var connection = (await LongPolling.OpenAsync(ana)).With(again);

        await connection.SendAsync(Say(room));

        Assert.Contains("\"seq\":1", await connection.PollAsync());
    }

    private static string Say(string room) =>
        $$"""{"type":1,"invocationId":"1","target":"SendMessage","arguments":[{"conversation_id":"{{room}}","content":"hi"}]}""";

    private static async Task<HttpResponseMessage> CallAsync(Person person, string method, string address, string message)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (method == "POST")
        {
            request.Content = LongPolling.Messages(message);
        }

        return await person.Http.SendAsync(request).WaitAsync(RawClient.Deadline);
    }
}
