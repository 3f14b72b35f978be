using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

/// <summary>Brings a server every kind of secret, in every place where clients put one, by right or by mistake.</summary>
internal sealed class SecretVisitor(Uri server, Secrets secrets, byte[] key)
{
    private const string Raw = "/api/ws/chat";
    private const string Hub = "/hubs/chat";
    private const string Handshake = "{\"protocol\":\"json\",\"version\":1}\u001e";

    private readonly HttpClient _http = new() { BaseAddress = server };

    /// <summary>Where tokens are sent in the query.</summary>
    public static IReadOnlyList<string> Addresses { get; } = [Raw, Hub, Hub + "/negotiate", "/api/tasks", "/docs", "/nothing"];

    public async Task VisitAsync()
    {
        var token = await AccountAsync();
        // Good, expired, of another server, and no tokens at all.
        string[] tokens =
        [
            token,
            secrets.Add(Jwt.With(token, "exp", DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds(), key)),
            secrets.Add(Jwt.With(token, "sub", Guid.NewGuid().ToString(), key)),
            secrets.Add(Jwt.With(token, "aud", "others", [.. key.Reverse()])),
            secrets.New(),
            $"{secrets.New()}.{secrets.New()}.{secrets.New()}",
        ];
        foreach (var each in tokens)
        {
            await RestAsync(each);
            await RawAsync(each);
            await HubAsync(each);
        }
    }

    /// <summary>Registers and logs in, well and badly.</summary>
    private async Task<string> AccountAsync()
    {
        var password = secrets.New();
        await PostAsync("/api/register", Account("ana", password));
        await PostAsync("/api/register", Account("ana", secrets.New()));
        await PostAsync("/api/register", Account("no name", secrets.New()));
        foreach (var path in new[] { "/api/register", "/api/login", "/api/nothing" })
        {
            await PostAsync(path, $$"""{"username":"ana","password":"{{secrets.New()}}"}""");
            await PostAsync(path, $$"""{"username":"ana","password":"{{secrets.New()}}""");
            await PostAsync(path, $$"""{"username":"ana","password":{{secrets.New()}}}""");
            await PostAsync(path, $$"""{"username":"ana","{{secrets.New()}}":1}""");
            await PostAsync(path, $$"""{"username":"ana","password":["{{secrets.New()}}"]}""");
            await PostAsync(path, $$"""{"username":"ana","password":"{{secrets.New()}}","password":"{{secrets.New()}}"}""");
            await PostAsync(path, $$"""{"username":"ana","password":"{{secrets.New()}}\ud800"}""");
            await PostAsync(path, $"\"{secrets.New()}\"");
            await PostAsync(path, $"username=ana&password={secrets.New()}", "application/x-www-form-urlencoded");
            await PostAsync(path, $$"""{"password":"{{secrets.New()}}","x":"{{new string('x', 200_000)}}"}""");
            await GetAsync($"{path}?password={secrets.New()}");
        }

        using var answer = await _http.PostAsync("/api/login", Rest.Json(Account("ana", password)));
        var token = secrets.Add((await answer.ReadAsync(200)).Text("token"));
        await ChangePasswordAsync(token, password);
        await RedeemAsync(token);
        return token;
    }

    /// <summary>Changes the password, badly and well.</summary>
    private async Task ChangePasswordAsync(string token, string password)
    {
        foreach (var old in new[] { secrets.New(), password })
        {
            var body = $$"""{"old_password":"{{old}}","new_password":"{{secrets.New()}}"}""";
            (await SendAsync(HttpMethod.Post, "/api/password", body, "Bearer " + token, type: "application/json")).Dispose();
        }
    }

    /// <summary>Opens sockets with tickets: a good one, a used one, and one where it does not belong.</summary>
    private async Task RedeemAsync(string token)
    {
        foreach (var path in new[] { Raw, Hub, "/api/tasks" })
        {
            using var answer = await SendAsync(HttpMethod.Post, "/api/ws/ticket", "{}", "Bearer " + token, type: "application/json");
            var ticket = secrets.Add((await answer.ReadAsync(200)).Text("ticket"));
            await SocketAsync($"{path}?ticket={ticket}", null);
            await SocketAsync($"{path}?ticket={ticket}", null);
        }
    }

    private async Task RestAsync(string token)
    {
        foreach (var path in Addresses)
        {
            await GetAsync(path, "Bearer " + token);
            await GetAsync(path, "Basic " + token);
            await GetAsync(path, token);
            (await SendAsync(HttpMethod.Get, path, origin: token)).Dispose();
            foreach (var name in new[] { "token", "access_token", "ticket", "jwt" })
            {
                await GetAsync($"{path}?{name}={token}");
            }
        }

        await PostAsync("/api/tasks?token=" + token, "{}");
        await GetAsync($"/api/conversations/{Guid.NewGuid()}/messages?limit=x&token={token}", "Bearer " + token);
    }

    private async Task RawAsync(string token)
    {
        await SocketAsync($"{Raw}?token={token}", null, $$"""{"type":"message","conversation_id":"{{Guid.NewGuid()}}","content":"{{secrets.New()}}"}""");
        await SocketAsync($"{Raw}?token={token}", null, "{\"type\":");
        await SocketAsync($"{Raw}?ticket={token}", null);
        await SocketAsync(Raw, "Bearer " + token, """{"type":"hello"}""");
    }

    private async Task HubAsync(string token)
    {
        await SocketAsync($"{Hub}?access_token={token}", null, Handshake, Invocation(secrets.New()));
        await SocketAsync($"{Hub}?id={secrets.New()}&access_token={token}", null);
        // WebSockets, server-sent events and long polling, each from its negotiation to its end.
        await SocketAsync($"{Hub}?id={await NegotiateAsync(token)}&access_token={token}", null, Handshake);
        var events = await NegotiateAsync(token);
        using (var stream = await SendAsync(HttpMethod.Get, $"{Hub}?id={events}&access_token={token}", accept: "text/event-stream"))
        {
            await SendAsync(HttpMethod.Post, $"{Hub}?id={events}&access_token={token}", Handshake);
        }

        var polled = await NegotiateAsync(token);
        (HttpMethod, string?)[] polls = [(HttpMethod.Get, null), (HttpMethod.Post, Handshake), (HttpMethod.Get, null), (HttpMethod.Delete, null)];
        foreach (var (method, body) in polls)
        {
            (await SendAsync(method, $"{Hub}?id={polled}&access_token={token}", body)).Dispose();
        }
    }

    /// <summary>The connection's own token, which works with any token of the same user.</summary>
    private async Task<string> NegotiateAsync(string token)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"{Hub}/negotiate?negotiateVersion=1&access_token={token}", "");
        return answer.IsSuccessStatusCode
            ? secrets.Add(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.Text("connectionToken"))
            : secrets.New();
    }

    /// <summary>Opens a socket where that succeeds, and waits for the answer to each frame.</summary>
    private async Task SocketAsync(string address, string? authorization, params string[] frames)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var socket = new ClientWebSocket();
        if (authorization is not null)
        {
            socket.Options.SetRequestHeader("Authorization", authorization);
        }

        try
        {
            await socket.ConnectAsync(new UriBuilder(new Uri(server, address)) { Scheme = "ws" }.Uri, deadline.Token);
        }
        catch (WebSocketException)
        {
            return;
        }

        foreach (var frame in frames)
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, deadline.Token);
            await socket.ReceiveAsync(new byte[1024], deadline.Token);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, statusDescription: null, deadline.Token);
    }

    private async Task GetAsync(string address, string? authorization = null)
    {
        using var answer = await SendAsync(HttpMethod.Get, address, authorization: authorization);
    }

    private async Task PostAsync(string address, string body, string type = "application/json")
    {
        using var answer = await SendAsync(HttpMethod.Post, address, body, type: type);
    }

    /// <summary>Gives the answer as soon as it has begun; a refusal of a body that is still being sent counts as one.</summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string address, string? body = null, string? authorization = null, string? accept = null, string type = "text/plain", string? origin = null)
    {
        using var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in new[] { ("Authorization", authorization), ("Accept", accept), ("Origin", origin) }.Where(header => header.Item2 is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, type);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException) when (body?.Length > 1_000_000)
        {
            return new HttpResponseMessage(System.Net.HttpStatusCode.RequestEntityTooLarge);
        }
    }

    /// <summary>Contents are secret.</summary>
    private static string Invocation(string content) =>
        $$"""{"type":1,"invocationId":"1","target":"SendMessage","arguments":[{"conversation_id":"{{Guid.NewGuid()}}","content":"{{content}}"}]}"""
        + "\u001e";

    private static string Account(string name, string password) =>
        $$"""{"username":"{{name}}","email":"{{name.Replace(' ', '_')}}@example.org","password":"{{password}}"}""";
}
