using System.Text;
using System.Text.Json;

namespace Chasqui.Tests.Fuzzing;

/// <summary>SignalR's JSON protocol: records that end with 0x1E, after a handshake.</summary>
internal sealed class HubTransport(string token, Rooms rooms) : FuzzedTransport
{
    private const byte RecordSeparator = 0x1E;
    private const int Invocation = 1;
    private const int Completion = 3;
    private const int StreamInvocation = 4;
    private const int Handshake = 0;

    private static readonly int[] KnownTypes = [1, 3, 6, 7];

    private readonly HubRecords _records = new(rooms);

    public override string PathAndQuery => "/hubs/chat?access_token=" + token;

    public override Script Write(Random random)
    {
        var script = new Script(random) { Waits = random.Next(8) > 0 };
        var stream = new List<byte>();
        WriteHandshake(script, stream);
        for (var records = random.Next(20, 120); records > 0; records--)
        {
            Add(script, stream, _records.Survivable(script));
        }

        Add(script, stream, _records.Granted(script));
        // What may end the connection comes last, so that everything before it is served.
        script.MayBeClosed |= random.Next(4) > 0;
        for (var records = script.MayBeClosed ? random.Next(1, 6) : 0; records > 0; records--)
        {
            Add(script, stream, _records.Damaged(script));
        }

        Flush(script, stream);
        script.Ending = HubEndings.Write(random, _records);
        return script;
    }

    public override void Read(ReadOnlyMemory<byte> message, ExpectedAnswers answers)
    {
        while (message.Span.IndexOf(RecordSeparator) is var length and >= 0)
        {
            ReadRecord(message[..length], answers);
            message = message[(length + 1)..];
        }
    }

    private static void ReadRecord(ReadOnlyMemory<byte> record, ExpectedAnswers answers)
    {
        var text = Encoding.UTF8.GetString(record.Span);
        try
        {
            using var json = JsonDocument.Parse(record);
            var type = json.RootElement.TryGetProperty("type", out var given) ? given.GetInt32() : Handshake;
            if (type == Completion)
            {
                var id = json.RootElement.GetProperty("invocationId").GetString();
                answers.Answer(id, isGranted: !json.RootElement.TryGetProperty("error", out _), text);
            }
            else if (type != Handshake && !KnownTypes.Contains(type))
            {
                throw new FindingException($"Must not be sent: {text}");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FindingException($"No record: {text}", e);
        }
    }

    private static void WriteHandshake(Script script, List<byte> stream)
    {
        var handshake = """{"protocol":"json","version":1}"""u8;
        if (script.Random.Next(12) == 0)
        {
            script.MayBeClosed = true;
            stream.AddRange(Mutations.Mutate(script.Random, handshake));
        }
        else
        {
            stream.AddRange(handshake);
        }

        stream.Add(RecordSeparator);
        Flush(script, stream);
    }

    /// <summary>Records share WebSocket messages, and a message may end in the middle of one.</summary>
    private static void Add(Script script, List<byte> stream, byte[] record)
    {
        script.Count++;
        stream.AddRange(record);
        stream.Add(RecordSeparator);
        if (script.Random.Next(6) == 0)
        {
            Flush(script, stream, script.Random.Next(3) == 0 ? PlaceToCut(script.Random, stream) : stream.Count);
        }
    }

    /// <summary>Anywhere but inside of a character: each message has to be UTF-8.</summary>
    private static int PlaceToCut(Random random, List<byte> stream)
    {
        var place = random.Next(stream.Count);
        while ((stream[place] & 0xC0) == 0x80)
        {
            place--;
        }

        return place;
    }

    private static void Flush(Script script, List<byte> stream, int? count = null)
    {
        script.Bytes(stream.GetRange(0, count ?? stream.Count).ToArray());
        stream.RemoveRange(0, count ?? stream.Count);
    }
}
