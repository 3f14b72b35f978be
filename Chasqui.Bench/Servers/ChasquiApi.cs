using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Chasqui.Bench.Servers;

internal sealed record Person(string Id, string Username, string Token);

/// <summary>The few REST calls that set the stage.</summary>
internal sealed class ChasquiApi(Uri server) : IDisposable
{
    private const string Password = "a long enough password";

    /// <summary>Calls at once: the server checks one password at a time anyway.</summary>
    private static readonly ParallelOptions Few = new() { MaxDegreeOfParallelism = 8 };

    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = TimeSpan.FromMinutes(5) };

    private int _registered;

    public async Task<Person[]> RegisterAsync(int count, CancellationToken cancellationToken)
    {
        var people = new Person[count];
        await Parallel.ForAsync(0, count, Few, async (i, _) =>
            people[i] = await RegisterAsync(UsernameOf(Interlocked.Increment(ref _registered)), cancellationToken));
        return people;
    }

    /// <summary>Tries to log in, and gives the status code.</summary>
    public async Task<int> TryLogInAsync(string username, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(
            new Uri("/api/login", UriKind.Relative), new { username, password = Password }, cancellationToken);
        return (int)answer.StatusCode;
    }

    /// <returns>The id of the conversation.</returns>
    public async Task<string> OpenGroupAsync(IReadOnlyList<Person> people, CancellationToken cancellationToken)
    {
        var opened = await SendAsync(
            HttpMethod.Post,
            "/api/conversations",
            new { conversation_type = "group", participant_ids = people.Skip(1).Select(person => person.Id) },
            people[0].Token,
            cancellationToken);
        return opened["id"]!.GetValue<string>();
    }

    public void Dispose() => _http.Dispose();

    private async Task<Person> RegisterAsync(string username, CancellationToken cancellationToken)
    {
        var created = await SendAsync(
            HttpMethod.Post, "/api/register", new { username, email = $"{username}@example.org", password = Password }, null, cancellationToken);
        return new Person(created["id"]!.GetValue<string>(), username, await LogInAsync(username, cancellationToken));
    }

    private async Task<string> LogInAsync(string username, CancellationToken cancellationToken)
    {
        var token = await SendAsync(HttpMethod.Post, "/api/login", new { username, password = Password }, null, cancellationToken);
        return token["token"]!.GetValue<string>();
    }

    private async Task<JsonNode> SendAsync(
        HttpMethod method, string path, object body, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}");
    }

    /// <summary>Letters only.</summary>
    private static string UsernameOf(int number)
    {
        var name = "Bench";
        do
        {
            name += (char)('a' + (number % 26));
            number /= 26;
        }
        while (number > 0);
        return name;
    }
}
