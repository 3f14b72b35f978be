using System.Globalization;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

/// <summary>Clients in the field sort by <c>created_at</c>.</summary>
public abstract class MessageTimeTests(Store store)
{
    [Fact]
    public async Task TimesRiseWithEachMessageWhateverTheClockSays()
    {
        var clock = new TestClock();
        await using var server = new TestServer { Store = store, Clock = clock };
        await server.StartAsync();
        using var person = await server.PersonAsync();
        var group = await person.OpenGroupAsync();
        // The clock stands still.
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => person.SendAsync(group, $"Message {i}")));
        clock.AdjustTime(clock.GetUtcNow().AddHours(-1));
        using var added = await server.PersonAsync();
        await (await person.PostAsync($"/api/conversations/{group}/participants", new { identifier = added.Id })).ReadAsync(200);
        await added.SendAsync(group, "An hour earlier");
        clock.AdjustTime(clock.GetUtcNow().AddHours(2));
        var latest = await added.SendAsync(group, "An hour later");

        var history = (await person.GetAsync($"/api/conversations/{group}/messages?after=0&limit=200")).AsArray();
        var times = history.Select(message => message!.Text("created_at")).ToArray();

        Assert.Equal(62, times.Length);
        // As text, which is how they are sorted.
        Assert.Equal(times.Order(StringComparer.Ordinal).Distinct(), times);
        Assert.Equal(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), latest.Text("created_at"));
    }
}

public sealed class SqliteMessageTimeTests() : MessageTimeTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresMessageTimeTests() : MessageTimeTests(Store.Postgres);
