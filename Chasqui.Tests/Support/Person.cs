using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Chasqui.Tests.Support;

/// <summary>A user, and an HTTP client with their token.</summary>
public sealed class Person : IDisposable
{
    public const string Password = Account.Password;

    private readonly Account _account;

    private Person(TestServer server, Account account)
    {
        Server = server;
        _account = account;
        Http = new HttpClient { BaseAddress = new Uri(server.Url) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public TestServer Server { get; }

    public string Name => _account.Name;

    /// <summary><c>user:uuid</c>.</summary>
    public string Id => _account.Id;

    public string Token => _account.Token;

    public HttpClient Http { get; }

    public string Email => Name + "@example.org";

    public static async Task<Person> RegisterAsync(TestServer server, string name)
    {
        using var http = server.Anonymous();
        return new Person(server, await Account.RegisterAsync(http, new Uri(server.Url), name));
    }

    /// <summary>The same person on another device: with a token of its own.</summary>
    public async Task<Person> AgainAsync(string password = Password)
    {
        using var http = Server.Anonymous();
        return new Person(Server, await Account.LogInAsync(http, new Uri(Server.Url), Id, Name, password));
    }

    /// <summary>The same person on a server that was started again.</summary>
    public Person On(TestServer server) => new(server, _account);

    public Task<HttpResponseMessage> PostAsync(string path, object body) => Http.PostAsJsonAsync(path, body);

    public async Task<JsonNode> GetAsync(string path) => await (await Http.GetAsync(path)).ReadAsync(200);

    /// <summary>Opens a group with these people and gives its id.</summary>
    public async Task<string> OpenGroupAsync(params Person[] others)
    {
        var answer = await PostAsync(
            "/api/conversations",
            new { conversation_type = "group", participant_ids = others.Select(other => other.Id), name = "Test" });
        return (await answer.ReadAsync(200))["id"]!.GetValue<string>();
    }

    /// <summary>Sends over REST and gives the stored message.</summary>
    public async Task<JsonNode> SendAsync(string conversation, string content) =>
        await (await PostAsync($"/api/conversations/{conversation}/messages", new { content })).ReadAsync(200);

    /// <summary>Says that this person has read a conversation up to an event.</summary>
    public async Task ReadAsync(string conversation, long seq) =>
        await (await Http.PutAsJsonAsync($"/api/conversations/{conversation}/read", new { seq })).ReadAsync(200);

    /// <summary>Opens a raw socket.</summary>
    public Task<RawClient> ConnectAsync(int? receiveBuffer = null) =>
        RawClient.ConnectAsync(Server, Token, receiveBuffer: receiveBuffer);

    /// <summary>Opens a raw socket as soon as a place is free: a client knows that its last one has ended before the server has cleaned up.</summary>
    public async Task<RawClient> ConnectWhenThereIsRoomAsync()
    {
        using var patience = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            try
            {
                return await ConnectAsync();
            }
            catch (WebSocketException) when (!patience.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>What the operator does to delete the account.</summary>
    public async Task DeleteAccountAsync()
    {
        var ended = await Programs.RunServerAsync(Path.GetTempPath(), ["users", "delete", Name, "--yes", .. Server.StorageSettings]);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
    }

    public void Dispose() => Http.Dispose();
}
