using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>The REST calls of the checker and the fuzzers: accounts, conversations, and the history that everything is compared with.</summary>
/// <param name="server">The server to ask, each time.</param>
internal sealed class Api(Func<Uri> server) : IDisposable
{
    private const int Page = 200;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public Api(Uri server)
        : this(() => server)
    {
    }

    public Task<Account> RegisterAsync() => Account.RegisterAsync(_http, server(), Names.Next());

    public async Task<Room> OpenRoomAsync(IReadOnlyList<Account> members)
    {
        using var request = Request(HttpMethod.Post, "/api/conversations", members[0]);
        request.Content = JsonContent.Create(
            new { conversation_type = "group", participant_ids = members.Skip(1).Select(member => member.Id), name = "Checker" });
        using var answer = await _http.SendAsync(request);
        return new Room(Guid.Parse((await answer.ReadAsync(200)).Text("id")["conv:".Length..]));
    }

    /// <summary>The messages after a <c>seq</c>, oldest first, page by page.</summary>
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
                // The conversation is lost, and the verdict finds that none of its messages is stored.
                return [];
            }

            answer.EnsureSuccessStatusCode();
            var page = (await answer.Content.ReadFromJsonAsync<Message[]>(ChatJson.Options))!;
            history.AddRange(page.Select(Delivery.Of));
            if (page.Length < Page)
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
