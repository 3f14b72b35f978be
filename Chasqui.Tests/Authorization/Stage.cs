using System.Text.RegularExpressions;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Authorization;

/// <summary>A group with a secret, and a caller. Every caller but a stranger is a member at first.</summary>
internal sealed partial class Stage : IDisposable
{
    /// <summary>The group's name, and what was said in it.</summary>
    public const string Secret = "Between us";

    private readonly Caller _caller;
    private readonly TestServer _server;
    private readonly Person _owner;
    private readonly Person _other;
    private readonly Person _me;

    private Stage(TestServer server, Caller caller, Person owner, Person other, Person me, string room)
    {
        (_server, _caller, _owner, _other, _me, Room) = (server, caller, owner, other, me, room);
    }

    public string Room { get; }

    public bool IsOutsider => _caller is not (Caller.Member or Caller.Owner);

    public static async Task<Stage> SetAsync(TestServer server, Caller caller)
    {
        var owner = await server.PersonAsync();
        var other = await server.PersonAsync();
        var me = caller == Caller.Owner ? owner : await server.PersonAsync();
        string[] members = caller == Caller.Stranger ? [other.Id] : [other.Id, me.Id];
        var room = (await owner.OpenAsync(ConversationTypes.Group, members, Secret)).Text("id");
        await owner.SendAsync(room, Secret);
        return new Stage(server, caller, owner, other, me, room);
    }

    /// <summary>What makes the caller who they are; an open socket lives through it.</summary>
    public async Task HappenAsync()
    {
        if (_caller is Caller.Ended or Caller.Ends)
        {
            await (await _me.PostAsync("/api/logout", new { })).ReadAsync(200);
        }
        else if (_caller == Caller.Removed)
        {
            await (await _owner.Http.DeleteAsync($"/api/conversations/{Room}/participants/{_me.Id}")).ReadAsync(200);
        }
    }

    /// <summary>The caller's token, <see langword="null"/> for a caller without one.</summary>
    public string? Token() =>
        _caller == Caller.Nobody ? null
        : Expiry() is { } expiry ? ExpiredToken.ExpiringAt(_server, _me, expiry)
        : _me.Token;

    /// <summary>The group as its members see it.</summary>
    public async Task<string> ContentsAsync() =>
        (await _other.GetAsync("/api/conversations")).ToJsonString()
        + (await _other.GetAsync($"/api/conversations/{Room}/messages")).ToJsonString();

    /// <summary>Says something that outsiders must not hear.</summary>
    public Task SayAsync() => _owner.SendAsync(Room, Secret);

    /// <summary>Sends the caller an event. All events before it have arrived when it arrives.</summary>
    public Task TellAsync() => _owner.OpenGroupAsync(_me);

    /// <summary>A direct conversation of the two others.</summary>
    public async Task<string> DirectAsync() => (await _owner.OpenAsync(ConversationTypes.Direct, [_other.Id])).Text("id");

    /// <summary>Checks that there is nothing in an answer that its caller must not see.</summary>
    public void CheckReveals(string answer)
    {
        if (IsOutsider)
        {
            Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal);
            Assert.DoesNotContain(Room, answer, StringComparison.Ordinal);
        }

        if (_caller != Caller.Owner)
        {
            Assert.DoesNotContain(_owner.Email, answer, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Puts what they stand for in the place of a line's words.</summary>
    /// <param name="text">Of the matrix.</param>
    /// <param name="room">Another conversation.</param>
    public async Task<string> FillAsync(string text, string? room = null)
    {
        var values = new Dictionary<string, string>();
        foreach (var word in Word().Matches(text).Select(match => match.Value).Distinct())
        {
            values[word] = await ValueAsync(word, room ?? Room);
        }

        return Word().Replace(text, match => values[match.Value]);
    }

    public void Dispose()
    {
        _owner.Dispose();
        _other.Dispose();
        _me.Dispose();
    }

    private async Task<string> ValueAsync(string word, string room) => word switch
    {
        "ROOM" => room,
        "ME" => _me.Id,
        "MYNAME" => _me.Name,
        "OWNER" => _owner.Id,
        "MESSAGE" => (await _other.GetAsync($"/api/conversations/{Room}/messages?after=0&limit=1"))[0]!.Text("id"),
        "OTHER" => _other.Id,
        "FRESH" => Names.Next(),
        "TOKEN" => Token() ?? "",
        "TICKET" => await TicketAsync(),
        "NEWCOMER" => await NewcomerAsync(),
        "SESSION" => (await _owner.GetAsync("/api/sessions"))[0]!.Text("id"),
        "CONNECTION" => (await LongPolling.OpenAsync(_other)).Name,
        "TASK" => (await (await _owner.PostAsync("/api/tasks", new { task_name = "Feed the llama" })).ReadAsync(200)).Text("uuid"),
        _ => throw new ArgumentException(word),
    };

    /// <summary>When the caller's token expires, where that matters; it has to open a socket first.</summary>
    private DateTimeOffset? Expiry() => _caller switch
    {
        Caller.Expired => DateTimeOffset.UtcNow.AddSeconds(-1),
        Caller.Expires => DateTimeOffset.UtcNow.AddSeconds(2),
        _ => null,
    };

    private async Task<string> TicketAsync()
    {
        if (_caller == Caller.Nobody)
        {
            return "";
        }

        var ticket = (await (await _me.PostAsync("/api/ws/ticket", new { })).ReadAsync(200)).Text("ticket");
        if (Expiry() is { } expiry)
        {
            using var database = Database.Open(_server.DataFolder);
            await database.ExecuteAsync(
                "UPDATE tokens SET expires_at = @expiry WHERE id IN (SELECT token_id FROM tickets)",
                new { expiry = expiry.ToUnixTimeMilliseconds() });
        }

        return ticket;
    }

    private async Task<string> NewcomerAsync()
    {
        using var newcomer = await _server.PersonAsync();
        return newcomer.Id;
    }

    [GeneratedRegex("[A-Z]{2,}")]
    private static partial Regex Word();
}
