using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

/// <summary>One group with 450 messages, whose contents are their numbers.</summary>
public class LongConversation : IAsyncLifetime
{
    public const int Length = 450;

    private Person? _person;

    public TestServer Server { get; init; } = new();

    public Person Person => _person!;

    public string Path { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (!Server.CanStart)
        {
            return;
        }

        await Server.StartAsync();
        _person = await Server.PersonAsync();
        var group = await Person.OpenGroupAsync();
        Path = $"/api/conversations/{group}/messages";
        for (var i = 1; i <= Length; i++)
        {
            await Person.SendAsync(group, $"Message {i}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _person?.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>The <c>seq</c> of each message of a page.</summary>
    public async Task<long[]> PageAsync(string query) =>
        [.. (await Person.GetAsync(Path + query)).AsArray().Select(message => message!["seq"]!.GetValue<long>())];
}

public sealed class PostgresLongConversation : LongConversation
{
    public PostgresLongConversation() => Server = new PostgresServer();
}

public abstract class HistoryTests(LongConversation conversation)
{
    [Fact]
    public async Task WithoutParametersThereAreTheFiftyNewestNewestFirst() =>
        Assert.Equal(Down(450, 50), await conversation.PageAsync(""));

    [Fact]
    public async Task AMessageInHistoryIsTheOneThatWasSent()
    {
        var sent = await conversation.Person.GetAsync(conversation.Path + "?limit=1&offset=440");
        Assert.Equal("Message 10", sent[0]!.Text("content"));
        Assert.Equal(10, sent[0]!["seq"]!.GetValue<long>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(199)]
    [InlineData(200)]
    public async Task ALimitIsTheLengthOfThePage(int limit) =>
        Assert.Equal(Down(450, limit), await conversation.PageAsync($"?limit={limit}"));

    [Theory]
    [InlineData(0, 450, 50)]
    [InlineData(1, 449, 50)]
    [InlineData(400, 50, 50)]
    [InlineData(420, 30, 30)]
    [InlineData(449, 1, 1)]
    [InlineData(450, 0, 0)]
    [InlineData(1_000_000_000_000, 0, 0)]
    [InlineData(long.MaxValue, 0, 0)]
    public async Task AnOffsetSkipsTheNewest(long offset, int first, int count) =>
        Assert.Equal(Down(first, count), await conversation.PageAsync($"?offset={offset}"));

    [Fact]
    public async Task PageAfterPageEveryMessageComesOnce()
    {
        var seen = new List<long>();
        while (await conversation.PageAsync($"?limit=70&offset={seen.Count}") is { Length: > 0 } page)
        {
            seen.AddRange(page);
        }

        Assert.Equal(Down(450, 450), seen);
    }

    [Theory]
    [InlineData("?before=451&limit=3", new long[] { 450, 449, 448 })]
    [InlineData("?before=100&limit=3", new long[] { 99, 98, 97 })]
    [InlineData("?before=3", new long[] { 2, 1 })]
    [InlineData("?before=1", new long[0])]
    [InlineData("?before=9223372036854775807&limit=1", new long[] { 450 })]
    public async Task BeforeIsReadNewestFirst(string query, long[] expected) =>
        Assert.Equal(expected, await conversation.PageAsync(query));

    [Theory]
    [InlineData("?after=0&limit=3", new long[] { 1, 2, 3 })]
    [InlineData("?after=40&limit=3", new long[] { 41, 42, 43 })]
    [InlineData("?after=448", new long[] { 449, 450 })]
    [InlineData("?after=450", new long[0])]
    [InlineData("?after=9223372036854775807", new long[0])]
    public async Task AfterIsReadOldestFirst(string query, long[] expected) =>
        Assert.Equal(expected, await conversation.PageAsync(query));

    [Theory]
    [InlineData("?around=200&limit=4", new long[] { 198, 199, 200, 201 })]
    [InlineData("?around=200&limit=5", new long[] { 198, 199, 200, 201, 202 })]
    [InlineData("?around=200&limit=1", new long[] { 200 })]
    [InlineData("?around=1&limit=3", new long[] { 1, 2, 3 })]
    [InlineData("?around=450&limit=3", new long[] { 448, 449, 450 })]
    [InlineData("?around=9223372036854775807&limit=2", new long[] { 449, 450 })]
    public async Task AroundIsReadOldestFirst(string query, long[] expected) =>
        Assert.Equal(expected, await conversation.PageAsync(query));

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=ten", "limit")]
    [InlineData("?limit=1.5", "limit")]
    [InlineData("?limit=99999999999", "limit")]
    [InlineData("?offset=-1", "offset")]
    [InlineData("?offset=ten", "offset")]
    [InlineData("?offset=9223372036854775808", "offset")]
    [InlineData("?before=0", "before")]
    [InlineData("?around=0", "around")]
    [InlineData("?around=5&before=5", "around")]
    [InlineData("?before=x", "before")]
    [InlineData("?after=-1", "after")]
    [InlineData("?after=x", "after")]
    [InlineData("?after=1&before=5", "after")]
    public async Task AWrongParameterIsRefusedByName(string query, string parameter)
    {
        var problem = await (await conversation.Person.Http.GetAsync(conversation.Path + query)).ReadProblemAsync(400, "invalid_field");
        Assert.Contains(parameter, problem.Text("message"), StringComparison.Ordinal);
        Assert.DoesNotContain("bind", problem.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmptyConversationHasAnEmptyHistory()
    {
        var group = await conversation.Person.OpenGroupAsync();
        Assert.Empty((await conversation.Person.GetAsync($"/api/conversations/{group}/messages")).AsArray());
        Assert.Empty((await conversation.Person.GetAsync($"/api/conversations/{group}/messages?around=1")).AsArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?before=1000")]
    public async Task CachedPageHoldsNewerMessages(string query)
    {
        var group = await conversation.Person.OpenGroupAsync();
        var path = $"/api/conversations/{group}/messages{query}";
        await conversation.Person.SendAsync(group, "First");
        Assert.Single((await conversation.Person.GetAsync(path)).AsArray());

        await conversation.Person.SendAsync(group, "Second");

        Assert.Equal(["Second", "First"], (await conversation.Person.GetAsync(path)).AsArray().Select(message => message!.Text("content")));
    }

    [Fact]
    public async Task FormerMemberGetsNoCachedPage()
    {
        using var bea = await conversation.Server.PersonAsync();
        var group = await bea.OpenGroupAsync();
        await bea.SendAsync(group, "Hello");
        await bea.GetAsync($"/api/conversations/{group}/messages");

        (await bea.Http.DeleteAsync($"/api/conversations/{group}/participants/{bea.Id}")).EnsureSuccessStatusCode();

        await (await bea.Http.GetAsync($"/api/conversations/{group}/messages")).ReadProblemAsync(404, "conversation_not_found");
    }

    [Fact]
    public async Task MessageIsWrittenWithTheAckedValues()
    {
        const string Content = "Zoë said \"\u0001\0\" \\ </a> \U0001F600";
        var group = await conversation.Person.OpenGroupAsync();
        var path = $"/api/conversations/{group}/messages";
        var sent = await conversation.Person.PostAsync(path, new { content = Content });

        Assert.Equal($"[{await sent.Content.ReadAsStringAsync()}]", await conversation.Person.Http.GetStringAsync(path));
    }

    private static IEnumerable<long> Down(int first, int count) => Enumerable.Range(0, count).Select(i => (long)first - i);
}

public sealed class SqliteHistoryTests(LongConversation conversation) : HistoryTests(conversation), IClassFixture<LongConversation>;

[PostgresTests]
public sealed class PostgresHistoryTests(PostgresLongConversation conversation)
    : HistoryTests(conversation), IClassFixture<PostgresLongConversation>;
