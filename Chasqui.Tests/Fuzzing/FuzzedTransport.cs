namespace Chasqui.Tests.Fuzzing;

/// <summary>One of the two transports for sockets, as the fuzzer sees it.</summary>
internal abstract class FuzzedTransport
{
    public abstract string PathAndQuery { get; }

    /// <summary>Writes what one connection sends.</summary>
    public abstract Script Write(Random random);

    /// <summary>Reads one message of the server.</summary>
    public abstract void Read(ReadOnlyMemory<byte> message, ExpectedAnswers answers);
}

/// <summary>Conversations that frames name.</summary>
/// <param name="Own">The fuzzer is a member.</param>
/// <param name="Foreign">It is none.</param>
internal sealed record Rooms(string Own, string Foreign);
