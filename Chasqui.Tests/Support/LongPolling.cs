namespace Chasqui.Tests.Support;

/// <summary>A hub connection over long polling, by hand: each of its requests names the connection in its address.</summary>
public sealed class LongPolling
{
    private const string End = "\u001e";

    private readonly Person _person;

    private LongPolling(Person person, string name) => (_person, Name) = (person, name);

    /// <summary>What SignalR calls the connection's token.</summary>
    public string Name { get; }

    public string Path => $"/hubs/chat?id={Name}";

    /// <summary>Opens a connection, and waits until the hub serves it.</summary>
    public static async Task<LongPolling> OpenAsync(Person person)
    {
        var connection = await NegotiateAsync(person);
        Assert.Equal("", await connection.PollAsync());
        await connection.SendAsync("""{"protocol":"json","version":1}""");
        Assert.Equal("{}" + End, await connection.PollAsync());
        return connection;
    }

    /// <summary>Asks for a name, and nothing more.</summary>
    public static async Task<LongPolling> NegotiateAsync(Person person)
    {
        var negotiated = await person.Http.PostAsync("/hubs/chat/negotiate?negotiateVersion=1", null);
        return new LongPolling(person, (await negotiated.ReadAsync(200)).Text("connectionToken"));
    }

    public static StringContent Messages(string json) => new(json + End);

    public async Task<string> PollAsync()
    {
        var answer = await _person.Http.GetAsync(Path);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    public async Task SendAsync(string json)
    {
        var answer = await _person.Http.PostAsync(Path, Messages(json));
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }

    public async Task EndAsync() => Assert.True((await _person.Http.DeleteAsync(Path)).IsSuccessStatusCode);

    /// <summary>The same connection, carried on by the same person with another token.</summary>
    public LongPolling With(Person again) => new(again, Name);
}
