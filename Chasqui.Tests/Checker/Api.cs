using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>Somebody with an account.</summary>
internal sealed record Account(string Id, string Token);

/// <summary>What the checker asks over REST: accounts, conversations, and the history that everything is compared with.</summary>
/// <param name="server">Which server to ask, each time.</param>
internal sealed class Api(Func<Uri> server) : IDisposable
{
    private const int Page = 200;
    private const string Password = "correct horse";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public Api(Uri server)
        : this(() => server)
    {
    }

    public async Task<Account> RegisterAsync()
    {
        var name = Names.Next();
        var registered = await _http.PostAsJsonAsync(
            new Uri(server(), "/api/register"), new { username = name, email = name + "@example.org", password = Password });
        var id = (await registered.ReadAsync(200))["id"]!.GetValue<string>();
        var loggedIn = await _http.PostAsJsonAsync(new Uri(server(), "/api/login"), new { username = name, password = Password });
        return new Account(id, (await loggedIn.ReadAsync(200))["token"]!.GetValue<string>());
    }

    public async Task<Room> OpenRoomAsync(IReadOnlyList<Account> members)
    {
        using var request = Request(HttpMethod.Post, "/api/conversations", members[0]);
        request.Content = JsonContent.Create(
            new { conversation_type = "group", participant_ids = members.Skip(1).Select(member => member.Id), name = "Checker" });
        using var answer = await _http.SendAsync(request);
        var id = (await answer.ReadAsync(200))["id"]!.GetValue<string>();
        return new Room(Guid.Parse(id["conv:".Length..]));
    }

    /// <summary>What followed a <c>seq</c>, oldest first, page by page.</summary>
    /// <exception cref="HttpRequestException">The server is not there, or refuses.</exception>
    public async Task<List<Delivery>> HistoryAsync(Room room, Account member, long after = 0, long upTo = long.MaxValue)
    {
        var history = new List<Delivery>();
        while (after < upTo)
        {
            using var request = Request(
                HttpMethod.Get, $"/api/conversations/conv:{room.Conversation}/messages?after={after}&limit={Page}", member);
            using var answer = await _http.SendAsync(request);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                // The conversation itself is lost: whoever compares finds that nothing is in it.
                return [];
            }

            answer.EnsureSuccessStatusCode();
            if (EventReader.ReadPage(await answer.Content.ReadAsByteArrayAsync(), history) < Page)
            {
                break;
            }

            after = history[^1].Seq;
        }

        history.RemoveAll(message => message.Seq > upTo);
        return history;
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path, Account caller) =>
        new(method, new Uri(server(), path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", caller.Token) } };
}
