using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Conversations;

/// <summary>A group of 3,000: what is shown of it, and all of its members.</summary>
public abstract class LargeGroupTests(Store store) : IAsyncLifetime
{
    private const int Others = 3_000;
    private const int AddedAtOnce = 1_000;
    private const int Page = 200;

    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:MaxParticipants", "5000");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ConversationShowsCallerOwnerAndFirstMembers()
    {
        using var owner = await _server.PersonAsync();
        using var last = await _server.PersonAsync();
        var (group, others) = await OpenAsync(owner);
        await using var socket = await GreetAsync(last);
        await using var other = await GreetAsync(owner);

        await (await owner.PostAsync($"/api/conversations/{group}/participants", new { identifier = last.Id })).ReadAsync(200);

        // They joined in the same millisecond, in the order of their ids.
        var first = others.Take(AddedAtOnce).Order(StringComparer.Ordinal).ToArray();
        string[] forLast = [last.Id, owner.Id, .. first.Take(98)];
        string[] forOwner = [owner.Id, .. first.Take(99)];
        Assert.Equal(forLast, Shown(Assert.Single((await last.GetAsync("/api/conversations")).AsArray())!));
        Assert.Equal(forOwner, Shown(Assert.Single((await owner.GetAsync("/api/conversations?limit=1")).AsArray())!));
        Assert.Equal(forOwner, Shown((await socket.ReceiveAsync("ConversationCreated"))["conversation"]!));
        Assert.Equal(forOwner, Shown((await other.ReceiveAsync("ConversationUpdated"))["conversation"]!));

        // Who wrote last comes before those who joined first.
        await last.SendAsync(group, "Hello");
        string[] afterMessage = [owner.Id, last.Id, .. first.Take(98)];
        Assert.Equal(afterMessage, Shown(Assert.Single((await owner.GetAsync("/api/conversations")).AsArray())!));
        Assert.Equal(forLast, Shown(await (await last.Http.PatchAsJsonAsync(
            $"/api/conversations/{group}", new { name = "Everybody" })).ReadAsync(200)));
        await socket.ReceiveAsync("ConversationUpdated");
        await other.ReceiveAsync("ConversationUpdated");

        // The owner leaves: the one who joined first owns it, and is shown.
        await (await owner.Http.DeleteAsync($"/api/conversations/{group}/participants/{owner.Id}")).ReadAsync(200);
        var left = (await socket.ReceiveAsync("ConversationUpdated"))["conversation"]!;
        Assert.Equal(Others + 1, left["member_count"]!.GetValue<int>());
        Assert.Equal((first[0], "owner"), (left["members"]![0]!.Text("id"), left["members"]![0]!.Text("role")));
    }

    [Fact]
    public async Task PagesHoldAllMembersWhileSomeComeAndGo()
    {
        using var owner = await _server.PersonAsync();
        var (group, others) = await OpenAsync(owner);
        var path = $"/api/conversations/{group}";
        var left = new List<string>();
        var listed = new List<string>();
        while (listed.Count == 0 || listed.Count % Page == 0)
        {
            var after = listed.Count == 0 ? "" : $"&after={listed[^1]}";
            var page = (await owner.GetAsync($"{path}/members?limit={Page}{after}")).AsArray();
            listed.AddRange(page.Select(member => member!.Text("id")));
            // Where the next page begins: one that was listed leaves, and one that was not.
            left.AddRange(new[] { listed[^1], others.Order(StringComparer.Ordinal).Last(id => !left.Contains(id)) }.Distinct());
            foreach (var id in left.TakeLast(2))
            {
                await (await owner.Http.DeleteAsync($"{path}/participants/{id}")).ReadAsync(200);
            }
        }

        Assert.Equal(listed.Distinct().Order(StringComparer.Ordinal), listed);
        string[] stayed = [.. others.Append(owner.Id).Except(left)];
        Assert.Empty(stayed.Except(listed));
        var conversation = Assert.Single((await owner.GetAsync("/api/conversations")).AsArray())!;
        Assert.Equal(stayed.Length, conversation["member_count"]!.GetValue<int>());
    }

    private static string[] Shown(JsonNode conversation)
    {
        Assert.Equal(Others + 2, conversation["member_count"]!.GetValue<int>());
        Assert.Equal(ChatLimits.MaxShownMembers, conversation["members"]!.AsArray().Count);
        var ids = conversation.Strings("participants");
        Assert.Equal(ids, conversation["members"]!.AsArray().Select(member => member!.Text("id")));
        return ids;
    }

    /// <returns>The group, and its other members in the order in which they joined.</returns>
    private async Task<(string Group, string[] Others)> OpenAsync(Person owner)
    {
        var users = Enumerable.Range(0, Others).Select(i => (Id: UserId.New(), Name: $"{owner.Name}{i}")).ToArray();
        await using (var database = _server.OpenDatabase())
        {
            await using var transaction = await database.BeginTransactionAsync();
            await database.ExecuteAsync(
                """
                INSERT INTO users (id, username, username_key, email, email_key, password_hash, created_at)
                VALUES (@id, @Name, @Name, @email, @email, '', 1)
                """,
                users.Select(user => new
                {
                    id = user.Id.Value.ToByteArray(bigEndian: true),
                    user.Name,
                    email = user.Name + "@example.org",
                }),
                transaction);
            await transaction.CommitAsync();
        }

        var group = await owner.OpenGroupAsync();
        string[] ids = [.. users.Select(user => user.Id.ToString())];
        foreach (var identifiers in ids.Chunk(AddedAtOnce))
        {
            await (await owner.PostAsync($"/api/conversations/{group}/participants", new { identifiers })).ReadAsync(200);
        }

        return (group, ids);
    }

    private static async Task<RawClient> GreetAsync(Person person)
    {
        var socket = await person.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        await socket.ReceiveAsync("Welcome");
        return socket;
    }
}

public sealed class SqliteLargeGroupTests() : LargeGroupTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresLargeGroupTests() : LargeGroupTests(Store.Postgres);
