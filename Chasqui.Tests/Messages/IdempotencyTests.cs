using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

public sealed class IdempotencyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task AMessageSentAgainIsStoredOnceAndAnsweredWithTheFirst()
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(person, group, "Once", "id")));
        var messages = await Task.WhenAll(answers.Select(answer => answer.ReadAsync(200)));

        Assert.Single(messages, message => !message["duplicate"]!.GetValue<bool>());
        Assert.Single(messages.Select(message => message.Text("id")).Distinct());
        Assert.Single((await person.GetAsync($"/api/conversations/{group}/messages")).AsArray());
    }

    [Fact]
    public async Task TheSameIdWithOtherContentIsAConflict()
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        await (await SendAsync(person, group, "One", "id")).ReadAsync(200);

        await (await SendAsync(person, group, "Other", "id")).ReadProblemAsync(409, "idempotency_conflict");
        Assert.Single((await person.GetAsync($"/api/conversations/{group}/messages")).AsArray());
    }

    [Fact]
    public async Task AnIdIsOfOneSenderInOneConversation()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var groups = new[] { await person.OpenGroupAsync(other), await person.OpenGroupAsync(other) };
        foreach (var sending in new[] { (person, groups[0]), (person, groups[1]), (other, groups[0]) })
        {
            var message = await (await SendAsync(sending.Item1, sending.Item2, sending.Item1.Name, "id")).ReadAsync(200);
            Assert.False(message["duplicate"]!.GetValue<bool>());
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("😀")]
    [InlineData("語\0")]
    public async Task AnIdHasAtMost64Characters(string characters)
    {
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        var longest = string.Concat(Enumerable.Repeat(characters, 64 / characters.EnumerateRunes().Count()));
        await (await SendAsync(person, group, "Hello", longest)).ReadAsync(200);
        Assert.True((await (await SendAsync(person, group, "Hello", longest)).ReadAsync(200))["duplicate"]!.GetValue<bool>());
        await (await SendAsync(person, group, "Hello", longest + "x")).ReadProblemAsync(400, "invalid_field");
    }

    private static Task<HttpResponseMessage> SendAsync(Person person, string conversation, string content, string id) =>
        person.PostAsync(
            $"/api/conversations/{conversation}/messages", new JsonObject { ["content"] = content, ["client_message_id"] = id });
}
