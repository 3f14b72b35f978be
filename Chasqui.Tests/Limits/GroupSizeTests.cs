using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

public abstract class GroupSizeTests(Store store) : IAsyncLifetime
{
    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:MaxParticipants", "3");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task GroupIsOpenedWithAtMostMaxParticipants()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _server.PersonAsync()));

        await people[0].OpenGroupAsync(people[1], people[2]);
        var body = new { conversation_type = "group", participant_ids = people.Select(person => person.Id) };
        await (await people[0].PostAsync("/api/conversations", body)).ReadProblemAsync(409, ErrorCodes.GroupFull);

        Assert.Single((await people[0].GetAsync("/api/conversations")).AsArray());
        // A user named twice, or the caller, counts once.
        await people[0].OpenAsync("group", [people[1].Id, people[1].Name, people[0].Id, people[2].Email]);
    }

    [Fact]
    public async Task FullGroupRefusesConcurrentAdditions()
    {
        using var ana = await _server.PersonAsync();
        var others = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _server.PersonAsync()));
        var group = await ana.OpenGroupAsync();

        var answers = await Task.WhenAll(others.Select(AddAsync));

        Assert.Equal(2, answers.Count(answer => answer.IsSuccessStatusCode));
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode))
        {
            await refused.ReadProblemAsync(409, ErrorCodes.GroupFull);
        }

        var members = (await ana.GetAsync("/api/conversations"))[0]!.Strings("participants");
        Assert.Equal(3, members.Length);
        // Adding a member twice is no error, here either.
        await (await AddAsync(others.First(other => members.Contains(other.Id)))).ReadAsync(200);

        Task<HttpResponseMessage> AddAsync(Person other) =>
            ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = other.Id });
    }
}

public sealed class SqliteGroupSizeTests() : GroupSizeTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresGroupSizeTests() : GroupSizeTests(Store.Postgres);
