using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Chasqui.Protocol;

namespace Chasqui.Tests.Fuzzing;

/// <summary>The documented JSON protocol.</summary>
internal sealed class RawTransport(string token, Rooms rooms) : FuzzedTransport
{
    private static readonly string[] Events =
    [
        nameof(NewMessage), nameof(Pong), nameof(Welcome), nameof(ConversationCreated), nameof(ConversationUpdated), nameof(MessageEdited),
        nameof(MessageDeleted), nameof(ReactionAdded), nameof(ReactionRemoved), nameof(ReadMarkMoved), nameof(Typing), nameof(PresenceChanged),
    ];

    /// <summary>The longest content that fits into a frame, in bytes.</summary>
    private const int MostText = ChatLimits.MaxFrameBytes - 200;

    private readonly byte[][] _valid =
    [
        .. new[]
        {
            $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":"Hello world!"}""",
            $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":"¿Qué tal? 🦙","client_message_id":"c1","request_id":"m"}""",
            $$"""{"type":"join","conversation_id":"{{rooms.Own}}"}""",
            $$"""{"type":"join","conversation_id":"{{rooms.Own}}","after":40,"request_id":"m"}""",
            $$"""{"request_id":"m","conversation_id":"{{rooms.Own}}","type":"leave"}""",
            """{"type":"hello","request_id":"m"}""",
            """{"type":"ping"}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override string PathAndQuery => "/api/ws/chat?token=" + token;

    public override Script Write(Random random)
    {
        var script = new Script(random) { Waits = random.Next(8) > 0 };
        for (var frames = random.Next(40, 300); frames > 0; frames--)
        {
            WriteFrame(script);
        }

        // Behind everything else: it is alive.
        script.Request(isGranted: true, id => OddJson.Plain(("type", "\"ping\""), ("request_id", $"\"{id}\"")));
        script.Ending = RawEndings.Write(random, _valid);
        return script;
    }

    public override void Read(ReadOnlyMemory<byte> message, ExpectedAnswers answers)
    {
        if (message.Span.StartsWith("{\"type\":\"NewMessage\",\"message\":{"u8) && Utf8.IsValid(message.Span))
        {
            return;
        }

        var text = Encoding.UTF8.GetString(message.Span);
        try
        {
            using var json = JsonDocument.Parse(message);
            var type = json.RootElement.GetProperty("type").GetString()!;
            var id = json.RootElement.TryGetProperty("request_id", out var given) ? given.GetString() : null;
            if (type is nameof(Ack) or nameof(Error))
            {
                answers.Answer(id, isGranted: type == nameof(Ack), text);
            }
            else if (!Events.Contains(type) || !Utf8.IsValid(message.Span))
            {
                throw new FindingException($"Must not be sent: {text}");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FindingException($"No event: {text}", e);
        }
    }

    private void WriteFrame(Script script)
    {
        var random = script.Random;
        switch (random.Next(100))
        {
            case < 45:
                script.Damaged(Mutations.MutateText(random, _valid[random.Next(_valid.Length)]));
                break;
            case < 70:
                script.Damaged(Encoding.UTF8.GetBytes(OddJson.Object(random, Fields(random))));
                break;
            case < 80:
                script.Damaged(Encoding.UTF8.GetBytes(OddJson.Text(random)));
                break;
            case < 82:
                var deep = OddJson.Deep(random, random.Next(4) == 0 ? random.Next(18, 9_000) : random.Next(1, 20));
                script.Damaged(Encoding.UTF8.GetBytes(random.Next(2) == 0 ? deep : $$"""{"type":"ping","x":{{deep}}}"""));
                break;
            case 82 when random.Next(4) == 0:
                WriteHuge(script);
                break;
            case < 87:
                WriteRefused(script);
                break;
            case < 90:
                WriteTwice(script);
                break;
            default:
                WriteValid(script);
                break;
        }
    }

    private (string Name, string Value)[] Fields(Random random) =>
    [
        ("type", random.Next(4) switch { 0 => "\"join\"", 1 => "\"ping\"", 2 => "\"leave\"", _ => "\"message\"" }),
        ("conversation_id", $"\"{rooms.Own}\""), ("content", "\"hi\""), ("after", "1"), ("client_message_id", "\"c2\""), ("request_id", "\"m\""),
    ];

    private void WriteValid(Script script) => script.Request(isGranted: true, id => script.Random.Next(8) switch
    {
        0 => $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":"fuzzed","request_id":"{{id}}"}""",
        1 => $$"""{"type":"join","conversation_id":"{{rooms.Own}}","request_id":"{{id}}"}""",
        2 => $$"""{"type":"join","conversation_id":"{{rooms.Own}}","after":9007199254740991,"request_id":"{{id}}"}""",
        3 => $$"""{"type":"leave","conversation_id":"{{rooms.Own}}","request_id":"{{id}}"}""",
        4 => $$"""{"type":"hello","request_id":"{{id}}"}""",
        _ => $$"""{"x":{{OddJson.Plain(("a", "[1,[2,[3]]]"))}},"type":"ping","request_id":"{{id}}"}""",
    });

    /// <summary>Well-formed, and not to be granted.</summary>
    private void WriteRefused(Script script) => script.Request(isGranted: false, id => script.Random.Next(8) switch
    {
        0 => $$"""{"type":"message","conversation_id":"{{rooms.Foreign}}","content":"hi","request_id":"{{id}}"}""",
        1 => $$"""{"type":"join","conversation_id":"{{rooms.Foreign}}","request_id":"{{id}}"}""",
        2 => $$"""{"type":"join","conversation_id":"{{rooms.Own}}","after":{{Number(script)}},"request_id":"{{id}}"}""",
        3 => $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":"{{Surrogate(script)}}","request_id":"{{id}}"}""",
        4 => $$"""{"type":"message","conversation_id":"{{Surrogate(script)}}","content":"hi","request_id":"{{id}}"}""",
        5 => $$"""{"type":"{{Surrogate(script)}}","request_id":"{{id}}"}""",
        6 => $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":" \t\u00a0","request_id":"{{id}}"}""",
        _ => $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":{{Number(script)}},"request_id":"{{id}}"}""",
    });

    private static string Number(Script script) => new[] { "-1", "1.5", "1e400", "9223372036854775808", new string('9', 500), "true" }[script.Random.Next(6)];

    private static string Surrogate(Script script) => OddJson.LoneSurrogates[script.Random.Next(OddJson.LoneSurrogates.Length)];

    private void WriteTwice(Script script)
    {
        var fields = Fields(script.Random);
        script.Refused(Encoding.UTF8.GetBytes(OddJson.Plain([.. fields, fields[script.Random.Next(fields.Length)]])));
    }

    private void WriteHuge(Script script)
    {
        // Every other time as much as there may be.
        var room = Math.Min(script.Random.Next(ChatLimits.MaxContentCharacters + 1, 2 * MostText), MostText);
        script.Request(isGranted: false, id => script.Random.Next(3) switch
        {
            0 => $$"""{"type":"message","conversation_id":"{{rooms.Own}}","content":"{{new string('x', room)}}","request_id":"{{id}}"}""",
            1 => $$"""{"type":"message","conversation_id":"{{new string('0', room)}}","content":"hi","request_id":"{{id}}"}""",
            _ => $$"""{"type":"{{string.Concat(Enumerable.Repeat("\\u0061", room / 6))}}","request_id":"{{id}}"}""",
        });
    }
}
