using Chasqui.Protocol;
using Chasqui.Server.Limits;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Chasqui.Tests.Limits;

/// <summary>The clock stands still: nothing comes back.</summary>
public sealed class MembershipRateTests : IAsyncLifetime
{
    private readonly TestServer _server = new()
    {
        Clock = new TestClock(),
        Configure = services => services.AddSingleton(provider => new UserAllowances(
            provider.GetRequiredService<IOptions<LimitOptions>>(), provider.GetRequiredService<TimeProvider>(), participantsPer10s: 1000)),
    };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:Enabled", "true");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ChangesOfAGroupCostAsMuchAsTheySend()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var others = await PeopleAsync(19);
        // Of 1000: 400 for a group of 20.
        var group = await ana.OpenGroupAsync(others);
        var path = $"/api/conversations/{group}/participants";

        await (await ana.PostAsync(path, new { identifier = ben.Id })).ReadAsync(200);
        var refused = await ana.Http.DeleteAsync($"{path}/{ben.Id}");

        Assert.True((await refused.ReadProblemAsync(429, ErrorCodes.RateLimited))["retry_after_ms"]!.GetValue<int>() > 0);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        var body = new { conversation_type = "group", participant_ids = others.Select(other => other.Id) };
        await (await ana.PostAsync("/api/conversations", body)).ReadProblemAsync(429, ErrorCodes.RateLimited);

        // What changes nothing costs nothing, little costs little, and others have their own allowance.
        await (await ana.PostAsync(path, new { identifier = ben.Id })).ReadAsync(200);
        await ana.OpenGroupAsync(ben);
        await (await ben.Http.DeleteAsync($"{path}/{ben.Id}")).ReadAsync(200);
    }

    [Fact]
    public async Task MembershipChangeAboveTheAllowanceIsGrantedOnce()
    {
        using var ana = await _server.PersonAsync();
        var others = await PeopleAsync(40);

        await ana.OpenGroupAsync(others);

        var body = new { conversation_type = "group", participant_ids = others.Select(other => other.Id) };
        await (await ana.PostAsync("/api/conversations", body)).ReadProblemAsync(429, ErrorCodes.RateLimited);
    }

    /// <summary>One by one: only so many of one address may log in at once.</summary>
    private async Task<Person[]> PeopleAsync(int count)
    {
        var people = new Person[count];
        for (var i = 0; i < count; i++)
        {
            people[i] = await _server.PersonAsync();
        }

        return people;
    }
}
