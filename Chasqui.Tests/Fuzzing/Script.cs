using System.Text;
using System.Text.Json;

namespace Chasqui.Tests.Fuzzing;

/// <summary>What one connection sends, and what it must be answered. It follows from its random numbers alone.</summary>
internal sealed class Script(Random random)
{
    private static readonly JsonDocumentOptions AsDeepAsTheServer = new() { MaxDepth = 16 };

    private readonly WireWriter _wire = new(random);

    public ReadOnlyMemory<byte> Frames => _wire.Written;

    /// <summary>How many frames these are: whole messages, and records on the SignalR transport.</summary>
    public int Count { get; set; }

    /// <summary>Requests by their ids, and whether each has to be granted; each is answered exactly once.</summary>
    public Dictionary<string, bool> Requests { get; } = [];

    /// <summary>Refusals without the id of a request that have to come.</summary>
    public int SureRefusals { get; private set; }

    /// <summary>Answers that may come in addition.</summary>
    public int PossibleAnswers { get; private set; }

    /// <summary>Whether the server may close before the script has come to its ending.</summary>
    public bool MayBeClosed { get; set; }

    /// <summary>Whether the ending comes when everything before has been answered, and not right behind it.</summary>
    public bool Waits { get; set; }

    public Ending Ending { get; set; } = Ending.Leave;

    public Random Random => random;

    /// <summary>A frame that has to be refused, without the id of a request.</summary>
    public void Refused(ReadOnlySpan<byte> text)
    {
        SureRefusals++;
        Message(text);
    }

    /// <summary>A frame of which only this is known: it is refused if it is no JSON object, and is answered once at most.</summary>
    public void Damaged(ReadOnlySpan<byte> text)
    {
        if (IsObject(text))
        {
            // One that was understood may be answered by an event and an Ack.
            PossibleAnswers++;
            Message(text);
        }
        else
        {
            Refused(text);
        }
    }

    /// <summary>A request with an id that nothing else has.</summary>
    /// <param name="isGranted">Whether it has to be.</param>
    /// <param name="text">Gives the frame; it is given the id.</param>
    public void Request(bool isGranted, Func<string, string> text)
    {
        Message(Encoding.UTF8.GetBytes(text(AddRequest(isGranted))));
    }

    public string AddRequest(bool isGranted)
    {
        var id = $"request-{Requests.Count}";
        Requests.Add(id, isGranted);
        return id;
    }

    /// <summary>Counts one more answer that may come.</summary>
    public void ExpectPossibleAnswer() => PossibleAnswers++;

    /// <summary>Bytes of the SignalR transport: records, or a piece of one.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => _wire.Message(Opcode.Text, bytes);

    private void Message(ReadOnlySpan<byte> text)
    {
        Count++;
        _wire.Message(Opcode.Text, text);
    }

    private static bool IsObject(ReadOnlySpan<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text.ToArray(), AsDeepAsTheServer);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
