namespace Chasqui.Tests.Fuzzing;

/// <summary>Holds the answers that come against those that a script must have.</summary>
internal sealed class ExpectedAnswers
{
    /// <summary>An ending may hold valid frames: this many at most.</summary>
    private const int AnswersToTheEnding = 2;

    private readonly HashSet<string> _answered = [];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Script _script;
    private int _others;

    public ExpectedAnswers(Script script)
    {
        _script = script;
        CompleteIfAllIsThere();
    }

    /// <summary>Completes when everything that has to be answered is.</summary>
    public Task WhenComplete => _complete.Task;

    public string Missing => $"{_script.Requests.Keys.Except(_answered).FirstOrDefault() ?? "no request"}, "
        + $"{_others} of at least {_script.SureRefusals} other answers";

    /// <summary>An Ack, an Error, or the completion of an invocation.</summary>
    public void Answer(string? id, bool isGranted, string text)
    {
        if (id is null || !_script.Requests.TryGetValue(id, out var mustBeGranted))
        {
            _others++;
            Require(_others <= _script.SureRefusals + _script.PossibleAnswers + AnswersToTheEnding, "an answer too many", text);
        }
        else
        {
            Require(_answered.Add(id), "a second answer", text);
            Require(isGranted == mustBeGranted, isGranted ? "granted" : "refused", text);
        }

        CompleteIfAllIsThere();
    }

    private static void Require(bool isSo, string what, string text)
    {
        if (!isSo)
        {
            throw new FindingException($"{what}: {text}");
        }
    }

    private void CompleteIfAllIsThere()
    {
        if (_answered.Count == _script.Requests.Count && _others >= _script.SureRefusals)
        {
            _complete.TrySetResult();
        }
    }
}
