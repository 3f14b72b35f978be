using System.Buffers;
using System.Text;
using Chasqui.Protocol.Raw;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Tests.Protocol;

/// <summary>The raw hub protocol as its two neighbours use it: the adapter, which delimits frames, and the hub.</summary>
internal static class RawFrames
{
    public const string Uuid = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    public const string Conv = "conv:" + Uuid;

    private static readonly RawHubProtocol Protocol = new();

    /// <summary>A frame as it stands in the hub's input.</summary>
    public static byte[] Delimit(byte[] frame)
    {
        var delimited = new byte[FrameDelimiter.Size + frame.Length];
        FrameDelimiter.Write(delimited, frame.Length);
        frame.CopyTo(delimited, FrameDelimiter.Size);
        return delimited;
    }

    public static byte[] Delimit(string frame) => Delimit(Encoding.UTF8.GetBytes(frame));

    public static HubMessage? TryParse(ref ReadOnlySequence<byte> input) =>
        Protocol.TryParseMessage(ref input, Binder.Instance, out var message) ? message : null;

    public static HubMessage Parse(byte[] frame)
    {
        var input = new ReadOnlySequence<byte>(Delimit(frame));
        var message = TryParse(ref input);
        Assert.NotNull(message);
        Assert.True(input.IsEmpty);
        return message;
    }

    public static HubMessage Parse(string frame) => Parse(Encoding.UTF8.GetBytes(frame));

    public static string Write(HubMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        Protocol.WriteMessage(message, output);
        Assert.Equal(output.WrittenSpan.ToArray(), Protocol.GetMessageBytes(message).ToArray());
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>What the client is sent for a frame that cannot be served, by way of the sentence that SignalR builds.</summary>
    public static string WriteRefusal(byte[] frame)
    {
        var failure = Assert.IsType<InvocationBindingFailureMessage>(Parse(frame));
        var exception = failure.BindingFailure.SourceException;
        var text = $"Failed to invoke '{failure.Target}' due to an error on the server. {exception.GetType().Name}: {exception.Message}";
        return Write(CompletionMessage.WithError(failure.InvocationId!, text));
    }

    public static string WriteRefusal(string frame) => WriteRefusal(Encoding.UTF8.GetBytes(frame));

    /// <summary>The raw protocol needs no binder: it knows its frames.</summary>
    private sealed class Binder : Microsoft.AspNetCore.SignalR.IInvocationBinder
    {
        public static readonly Binder Instance = new();

        public Type GetReturnType(string invocationId) => throw new InvalidOperationException();

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => throw new InvalidOperationException();

        public Type GetStreamItemType(string streamId) => throw new InvalidOperationException();
    }
}
