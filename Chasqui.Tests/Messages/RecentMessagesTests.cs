using System.Globalization;
using Chasqui.Protocol;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Messages;

public sealed class RecentMessagesTests(TestServer server) : IClassFixture<TestServer>
{
    // Enough for the move to come through one room and into the next.
    private const int Messages = 20_000;
    private const int Rooms = 2;
    private const int Page = 200;

    [Fact]
    public async Task SettledMessagesAreReadInOrderAndStoredOnce()
    {
        using var ana = await server.PersonAsync();
        var user = new UserId(Guid.Parse(ana.Id["user:".Length..]));
        var rooms = new[] { await ana.OpenGroupAsync(), await ana.OpenGroupAsync() };
        var log = server.Services.GetRequiredService<MessageLog>();
        Task<Appended> Append(int number) => log.AppendAsync(new Draft(
            new ConversationId(Guid.Parse(rooms[number % Rooms]["conv:".Length..])), user, $"{number}", $"id {number}"));
        foreach (var part in Enumerable.Range(0, Messages).Chunk(1000))
        {
            await Task.WhenAll(part.Select(Append));
        }

        await using (var database = Database.Open(server.DataFolder))
        {
            Assert.Equal(Rooms, await database.ExecuteScalarAsync<int>("SELECT count(DISTINCT conversation_id) FROM settled_messages"));
            Assert.NotEqual(0, await database.ExecuteScalarAsync<int>("SELECT count(*) FROM recent_messages"));
        }

        foreach (var (room, first) in rooms.Select((room, i) => (room, i)))
        {
            var history = new List<string>();
            while (history.Count < Messages / Rooms)
            {
                var page = (await ana.GetAsync($"/api/conversations/{room}/messages?after={history.Count}&limit={Page}")).AsArray();
                history.AddRange(page.Select(message => message!.Text("content")));
                Assert.Equal(history.Count, page[^1]!["seq"]!.GetValue<long>());
            }

            Assert.Equal(
                Enumerable.Range(0, Messages / Rooms).Select(i => ((i * Rooms) + first).ToString(CultureInfo.InvariantCulture)), history);
        }

        foreach (var number in (int[])[0, 1, Messages - 1])
        {
            Assert.Equal(AppendStatus.Duplicate, (await Append(number)).Status);
        }
    }
}
