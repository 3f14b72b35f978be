// Chats over SignalR: dotnet run --project examples/signalr-csharp <you> <your password> <them>, then type lines.
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

var (username, password, friend) = (args[0], args[1], args[2]);
using var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("CHASQUI_URL") ?? "http://localhost:8080") };

async Task<T> PostAsync<T>(string path, object body)
{
    using var answer = await http.PostAsJsonAsync("/api" + path, body);
    return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(ChatJson.Options))!;
}

string? token = null;

static void GiveUp(string sentence)
{
    Console.Error.WriteLine(sentence);
    Environment.Exit(1);
}

// Exits when the login is refused.
async Task LogInAsync()
{
    try
    {
        token = (string)(await PostAsync<JsonNode>("/login", new { username, password }))["token"]!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }
    catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
    {
        GiveUp("This name and password do not log in.");
    }
}

// Exchanges the token for a fresh one when half of its life is over.
async Task StayLoggedInAsync()
{
    while (true)
    {
        var life = token is null ? TimeSpan.FromSeconds(2) : JwtLife.Of(token);
        await Task.Delay(life / 2);
        try
        {
            if (token is not null)
            {
                token = (string)(await PostAsync<JsonNode>("/token", new { }))["token"]!;
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Task.Delay(ForEver.Pause); // not now, or the token has ended
        }
    }
}

await LogInAsync();
_ = StayLoggedInAsync();
var talk = await PostAsync<Conversation>("/conversations", new { conversation_type = ConversationTypes.Direct, participant_ids = new[] { friend } });
var names = talk.Members.ToDictionary(member => member.Id, member => member.Username);
var newest = 0L; // the seq of the last message that was shown

await using var hub = new HubConnectionBuilder()
    .WithUrl(http.BaseAddress + "hubs/chat", options => options.AccessTokenProvider = async () =>
    {
        if (token is null)
        {
            await LogInAsync();
        }

        return token;
    })
    .AddJsonProtocol(options => ChatJson.Configure(options.PayloadSerializerOptions))
    .WithAutomaticReconnect(new ForEver(whenTokenHasEnded: () => token = null))
    .Build();

hub.On<NewMessage>(nameof(NewMessage), said =>
{
    newest = said.Message.Seq;
    Console.WriteLine($"{names[said.Message.SenderId]}: {said.Message.Content}");
});

async Task JoinAsync()
{
    while (hub.State == HubConnectionState.Connected)
    {
        try
        {
            var ack = await hub.InvokeAsync<Ack>(nameof(IChatHub.Join), new Join { ConversationId = talk.Id, After = newest });
            newest = ack.Replayed == false ? ack.Seq!.Value : newest; // too far behind for a replay: the history has the rest
            return;
        }
        catch (Exception e) when (e is HubException or InvalidOperationException or IOException or OperationCanceledException)
        {
            await Task.Delay(ForEver.Pause);
        }
    }
}

// Sends a message until it is stored. A message that is sent again with the same id is stored once.
async Task SayAsync(string content)
{
    var message = new SendMessage { ConversationId = talk.Id, Content = content, ClientMessageId = Guid.NewGuid().ToString() };
    while (true)
    {
        try
        {
            await hub.InvokeAsync<Ack>(nameof(IChatHub.SendMessage), message);
            return;
        }
        catch (HubException e) when (Error.FromHubText(e.Message) is { RetryAfterMs: null } refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return;
        }
        catch (Exception e) when (e is HubException or InvalidOperationException or IOException or OperationCanceledException)
        {
            await Task.Delay(ForEver.Pause);
        }
    }
}

async Task ConnectAsync()
{
    while (true)
    {
        try
        {
            await hub.StartAsync();
            await JoinAsync();
            return;
        }
        catch (Exception e) when (e is HttpRequestException or HubException or InvalidOperationException or IOException or OperationCanceledException)
        {
            token = e is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } ? null : token;
            await Task.Delay(ForEver.Pause);
        }
    }
}

hub.Reconnecting += error =>
{
    if (error is HubException && error.Message.EndsWith("Connection closed with an error.", StringComparison.Ordinal))
    {
        // SignalR says no more. It does not take what was sent, and would not take it again.
        GiveUp("The server closed the connection. A line may be too long.");
    }

    return Task.CompletedTask;
};
hub.Reconnected += _ => JoinAsync();
hub.Closed += async error =>
{
    if (error is not null) // the token has ended, or the account was disabled and the login is refused
    {
        token = null;
        await ConnectAsync();
    }
};
await ConnectAsync();
while (await Console.In.ReadLineAsync() is { } line)
{
    await SayAsync(line);
}

internal static class JwtLife
{
    public static TimeSpan Of(string token)
    {
        var payload = token.Split('.')[1].Replace('-', '+').Replace('_', '/');
        var claims = JsonNode.Parse(Convert.FromBase64String(payload.PadRight((payload.Length + 3) / 4 * 4, '=')))!;
        return TimeSpan.FromSeconds((long)claims["exp"]! - (long)claims["iat"]!);
    }
}

internal sealed class ForEver(Action whenTokenHasEnded) : IRetryPolicy
{
    public static TimeSpan Pause => TimeSpan.FromSeconds(1 + Random.Shared.NextDouble());

    public TimeSpan? NextRetryDelay(RetryContext retryContext)
    {
        if (retryContext.RetryReason is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized })
        {
            whenTokenHasEnded();
        }

        return Pause;
    }
}
