using System.Text;

namespace Chasqui.Tests.Fuzzing;

/// <summary>Records of SignalR's JSON protocol, without the separator.</summary>
internal sealed class HubRecords(Rooms rooms)
{
    private static readonly string[] Targets = ["Join", "Leave", "SendMessage", "Hello", "Ping", "OnConnectedAsync", "Dispose", "ToString", "", "\\u0000", "send message"];

    private readonly byte[][] _valid =
    [
        .. new[]
        {
            $$"""{"type":1,"invocationId":"m","target":"SendMessage","arguments":[{"conversation_id":"{{rooms.Own}}","content":"¿Qué tal? 🦙","client_message_id":"c1"}]}""",
            $$"""{"type":1,"target":"Join","arguments":[{"conversation_id":"{{rooms.Own}}","after":40}]}""",
            $$"""{"type":1,"invocationId":"m","target":"Leave","arguments":[{"conversation_id":"{{rooms.Own}}","request_id":"r"}],"streamIds":[]}""",
            $$"""{"type":4,"invocationId":"m","target":"Join","arguments":[{"conversation_id":"{{rooms.Own}}"}]}""",
            """{"type":2,"invocationId":"m","item":{"a":1}}""",
            """{"type":3,"invocationId":"m","result":{"a":1}}""",
            """{"type":5,"invocationId":"m"}""",
            """{"type":6}""",
            """{"type":8,"sequenceId":1}""",
            """{"type":9,"sequenceId":1}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>A record that the connection must survive.</summary>
    public byte[] Survivable(Script script)
    {
        var random = script.Random;
        return random.Next(10) switch
        {
            0 or 1 => Granted(script),
            2 or 3 or 4 => Refused(script),
            5 or 6 => WrongArguments(script),
            7 => Stream(script),
            8 => Unasked(random),
            _ => Bytes("""{"type":6}"""),
        };
    }

    public byte[] Granted(Script script)
    {
        var id = script.AddRequest(isGranted: true);
        return Invoke(id, script.Random.Next(4) switch
        {
            0 => ("SendMessage", $$"""{"conversation_id":"{{rooms.Own}}","content":"fuzzed"}"""),
            1 => ("Join", $$"""{"conversation_id":"{{rooms.Own}}"}"""),
            2 => ("join", $$"""{"conversation_id":"{{rooms.Own}}","after":9007199254740991}"""),
            _ => ("Leave", $$"""{"conversation_id":"{{rooms.Own}}"}"""),
        });
    }

    /// <summary>Anything: a record with something wrong, which may end the connection.</summary>
    public byte[] Damaged(Script script)
    {
        script.ExpectPossibleAnswer();
        var random = script.Random;
        return random.Next(4) switch
        {
            0 => Bytes(OddJson.Text(random)),
            1 => Bytes(OddJson.Object(
                random, ("type", $"{random.Next(-1, 12)}"), ("invocationId", "\"m\""), ("target", "\"Join\""),
                ("arguments", $$"""[{"conversation_id":"{{rooms.Own}}"}]"""), ("item", "1"), ("error", "\"x\""), ("result", "1"),
                ("headers", "{\"a\":\"b\"}"), ("streamIds", "[\"s\"]"))),
            _ => Mutations.Mutate(random, Valid(random)),
        };
    }

    public byte[] Valid(Random random) => _valid[random.Next(_valid.Length)];

    private byte[] Refused(Script script) => Invoke(script.AddRequest(isGranted: false), script.Random.Next(7) switch
    {
        0 => ("SendMessage", $$"""{"conversation_id":"{{rooms.Foreign}}","content":"hi"}"""),
        1 => ("Join", $$"""{"conversation_id":"{{rooms.Own}}","after":-1}"""),
        2 => ("SendMessage", $$"""{"conversation_id":"{{rooms.Own}}","content":"{{Pick(script.Random, OddJson.LoneSurrogates)}}"}"""),
        3 => ("Join", $$"""{"conversation_id":"{{Pick(script.Random, OddJson.LoneSurrogates)}}"}"""),
        4 => ("SendMessage", $$"""{"conversation_id":"{{rooms.Own}}","content":"{{new string('x', script.Random.Next(10_001, 20_000))}}"}"""),
        5 => ("Join", script.Random.Next(2) == 0 ? "[]" : "{}"),
        _ => (Pick(script.Random, Targets), "1"),
    });

    private static byte[] WrongArguments(Script script)
    {
        var (id, random) = (script.AddRequest(isGranted: false), script.Random);
        var arguments = Enumerable.Range(0, random.Next(4)).Select(_ => Pick(random, OddJson.Values)).ToList();
        return Bytes($$"""{"type":1,"invocationId":"{{id}}","target":"{{Pick(random, Targets)}}","arguments":[{{string.Join(',', arguments)}}]}""");
    }

    /// <summary>No method of the hub streams, in either direction.</summary>
    private byte[] Stream(Script script)
    {
        var (id, random) = (script.AddRequest(isGranted: false), script.Random);
        return Bytes(random.Next(2) == 0
            ? $$"""{"type":4,"invocationId":"{{id}}","target":"{{Pick(random, Targets)}}","arguments":[{"conversation_id":"{{rooms.Own}}"}]}"""
            : $$"""{"type":1,"invocationId":"{{id}}","target":"Join","arguments":[{"conversation_id":"{{rooms.Own}}"}],"streamIds":["s","t"]}""");
    }

    /// <summary>Items, completions and cancellations of what never was.</summary>
    private static byte[] Unasked(Random random) => Bytes(random.Next(4) switch
    {
        0 => $$"""{"type":2,"invocationId":"{{random.Next(9)}}","item":{{Pick(random, OddJson.Values)}}}""",
        1 => $$"""{"type":3,"invocationId":"{{new string('9', random.Next(1, 5_000))}}"}""",
        2 => $$"""{"type":3,"invocationId":"s","error":"no"}""",
        _ => $$"""{"type":5,"invocationId":"{{new string('x', random.Next(1, 5_000))}}"}""",
    });

    private static byte[] Invoke(string id, (string Target, string Argument) call) =>
        Bytes($$"""{"type":1,"invocationId":"{{id}}","target":"{{call.Target}}","arguments":[{{call.Argument}}]}""");

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
